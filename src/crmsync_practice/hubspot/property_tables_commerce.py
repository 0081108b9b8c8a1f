"""Properties of the standard objects that a sales portal seldom fills: what is sold, billed, measured and mailed.

Lines as in `property_tables`. Names follow the documentation's guides as far as remembered (MEM).
"""

from __future__ import annotations

_PRODUCTS = """
createdate | Create Date | datetime | date | r
name | Name | string | text
description | Product description | string | textarea
price | Unit price | number | number
hs_cost_of_goods_sold | Unit cost | number | number
hs_sku | SKU | string | text
hs_product_type | Product Type | enumeration | select | | inventory;non_inventory;service
hs_recurring_billing_period | Term | string | text
recurringbillingfrequency | Billing frequency | enumeration | select | | monthly;quarterly;annually
tax | Tax | number | number
hs_url | URL | string | text
hs_images | Image URL | string | text
"""
_LINE_ITEMS = """
createdate | Create Date | datetime | date | r
name | Name | string | text
hs_product_id | Product ID | number | number
quantity | Quantity | number | number
price | Unit price | number | number
amount | Net price | number | number | r
discount | Unit discount | number | number
hs_discount_percentage | Discount percentage | number | number
hs_sku | SKU | string | text
hs_line_item_currency_code | Currency | enumeration | select | x
recurringbillingfrequency | Billing frequency | enumeration | select | | monthly;quarterly;annually
"""
_QUOTES = """
hs_title | Quote title | string | text
hs_expiration_date | Expiration Date | datetime | date
hs_status | Status | enumeration | select | | DRAFT;PENDING_APPROVAL;APPROVAL_NOT_NEEDED;APPROVED;REJECTED
hs_quote_amount | Quote Amount | number | number | r
hs_quote_number | Quote Reference Number | string | text | r
hs_currency | Currency | enumeration | select | x
hs_language | Language | enumeration | select | x
hs_sender_firstname | Sender first name | string | text
hs_sender_lastname | Sender last name | string | text
hs_sender_email | Sender email | string | text
hs_terms | Purchase terms | string | html
hs_public_url_key | Public URL key | string | text | r
"""
_GOALS = """
hs_goal_name | Goal Name | string | text
hs_target_amount | Target Amount | number | number
hs_start_datetime | Start date | datetime | date
hs_end_datetime | End date | datetime | date
hs_created_by_user_id | Created by user ID | number | number | r
hs_kpi_value | KPI value | number | number | r
hs_assignee_user_id | Assignee | number | number
"""
_FEEDBACK = """
hs_survey_name | Survey name | string | text
hs_survey_type | Survey type | enumeration | select | | NPS;CES;CSAT;CUSTOM
hs_survey_id | Survey ID | number | number
hs_submission_name | Submission name | string | text
hs_submission_timestamp | Date submitted | datetime | date
hs_response_group | Sentiment | enumeration | select | | PROMOTER;PASSIVE;DETRACTOR
hs_value | Rating | number | number
hs_content | Response | string | textarea
hs_contact_email_rollup | Email | string | text
"""
_POSTAL_MAIL = """
hs_postal_mail_body | Postal mail body | string | html
"""
_MONEY = """
hs_label | Label | string | text
hs_type | Type | enumeration | select | | PERCENT;FIXED
hs_value | Value | number | number
hs_duration | Duration | enumeration | select | | ONCE;FOREVER
hs_sort_order | Sort order | number | number
"""
_INVOICES = """
hs_title | Title | string | text
hs_number | Invoice number | string | text
hs_invoice_status | Status | enumeration | select | | draft;open;paid;voided
hs_invoice_date | Invoice date | datetime | date
hs_due_date | Due date | datetime | date
hs_amount_billed | Amount billed | number | number
hs_balance_due | Balance due | number | number | r
hs_currency | Currency | enumeration | select | x
"""
_ORDERS = """
hs_order_name | Order name | string | text
hs_external_order_id | External order ID | string | text
hs_external_order_url | Order URL | string | text
hs_fulfillment_status | Fulfillment status | string | text
hs_total_price | Total price | number | number
hs_currency_code | Currency | enumeration | select | x
hs_pipeline | Pipeline | enumeration | select | x
hs_pipeline_stage | Stage | enumeration | select | x
"""
_CARTS = """
hs_cart_name | Cart name | string | text
hs_external_cart_id | External cart ID | string | text
hs_external_status | Status | string | text
hs_total_price | Total price | number | number
hs_currency_code | Currency | enumeration | select | x
hs_tags | Tags | string | text
"""
_SUBSCRIPTIONS = """
hs_name | Name | string | text
hs_status | Status | enumeration | select | | active;past_due;canceled;expired;scheduled
hs_recurring_billing_start_date | Start date | datetime | date
hs_next_payment_due_date | Next payment | datetime | date
hs_last_payment_amount | Last payment amount | number | number
hs_currency_code | Currency | enumeration | select | x
"""
_PAYMENTS = """
hs_customer_email | Customer email | string | text
hs_initial_amount | Gross amount | number | number
hs_initiated_date | Payment date | datetime | date
hs_latest_status | Status | enumeration | select | | succeeded;failed;refunded;processing
hs_currency_code | Currency | enumeration | select | x
"""
_MARKETING_EVENTS = """
hs_event_name | Event name | string | text
hs_event_description | Description | string | textarea
hs_event_type | Event type | string | text
hs_event_organizer | Organizer | string | text
hs_start_datetime | Start | datetime | date
hs_end_datetime | End | datetime | date
hs_event_url | URL | string | text
hs_registrations | Registrations | number | number | r
hs_attendees | Attendees | number | number | r
"""
_USERS = """
hs_email | Email | string | text | r
hs_given_name | First name | string | text | r
hs_family_name | Last name | string | text | r
hs_job_title | Job title | string | text
hs_availability_status | Availability | enumeration | select | | available;away
hs_working_hours | Working hours | string | text
hs_standard_time_zone | Time zone | string | text
hs_main_phone | Main phone | string | phonenumber
hs_internal_user_id | User ID | number | number | r
hs_deactivated | Deactivated | bool | booleancheckbox | r
"""
_NAMED = """
hs_name | Name | string | text
hs_description | Description | string | textarea
hs_pipeline | Pipeline | enumeration | select | x
hs_pipeline_stage | Stage | enumeration | select | x
"""
_APPOINTMENTS = """
hs_appointment_name | Appointment name | string | text
hs_appointment_start | Start | datetime | date
hs_appointment_end | End | datetime | date
"""

COMMERCE_TABLES: dict[str, tuple[str, ...]] = {
    "products": (_PRODUCTS,),
    "line_items": (_LINE_ITEMS,),
    "quotes": (_QUOTES,),
    "goal_targets": (_GOALS,),
    "feedback_submissions": (_FEEDBACK,),
    "postal_mail": (_POSTAL_MAIL,),
    "discounts": (_MONEY,),
    "fees": (_MONEY,),
    "taxes": (_MONEY,),
    "invoices": (_INVOICES,),
    "orders": (_ORDERS,),
    "carts": (_CARTS,),
    "subscriptions": (_SUBSCRIPTIONS,),
    "commerce_payments": (_PAYMENTS,),
    "marketing_events": (_MARKETING_EVENTS,),
    "users": (_USERS,),
    "appointments": (_APPOINTMENTS,),
    "courses": (_NAMED,),
    "forms": (_NAMED,),
    "listings": (_NAMED,),
    "services": (_NAMED,),
    "deal_splits": (),
    "quote_template": (_NAMED,),
}
"""Own tables per object; the common ones come before them."""
