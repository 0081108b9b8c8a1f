"""The properties every HubSpot portal has, as tables: one line a property.

Line: `name | label | type | fieldType | flags | options`. Flags: `r` read-only value, `c` calculated,
`u` unique, `x` options kept elsewhere, `h` hidden. Options: `value=label;…` or bare values.
Names, types and flags follow the property dump and the documentation named in the wire notes
(sections 3.2, 3.4, 4, 5); labels are approximations (MEM).
"""

from __future__ import annotations

from crmsync_practice.hubspot.property_tables_commerce import COMMERCE_TABLES

_COMMON = """
hs_object_id | Record ID | number | number | r
hs_lastmodifieddate | Object last modified date/time | datetime | date | r
hs_createdate | Object create date/time | datetime | date | r
hubspot_owner_id | Owner | enumeration | select | x
hubspot_owner_assigneddate | Owner assigned date | datetime | date | r
hubspot_team_id | HubSpot team | enumeration | select | rx
hs_all_owner_ids | All owner IDs | enumeration | checkbox | rx
hs_merged_object_ids | Merged record IDs | enumeration | checkbox | rx
hs_object_source | Record source | string | text | r
hs_object_source_id | Record source ID | string | text | r
hs_created_by_user_id | Created by user ID | number | number | r
hs_updated_by_user_id | Updated by user ID | number | number | r
"""

_CONTACTS = """
createdate | Create Date | datetime | date | r
lastmodifieddate | Last Modified Date | datetime | date | r
email | Email | string | text | u
hs_additional_emails | Additional email addresses | enumeration | checkbox | rx
hs_email_domain | Email Domain | string | text | rc
firstname | First Name | string | text
lastname | Last Name | string | text
salutation | Salutation | string | text
phone | Phone Number | string | phonenumber
mobilephone | Mobile Phone Number | string | phonenumber
fax | Fax Number | string | phonenumber
company | Company Name | string | text
jobtitle | Job Title | string | text
job_function | Job function | string | text
website | Website URL | string | text
address | Street Address | string | text
city | City | string | text
state | State/Region | string | text
zip | Postal Code | string | text
country | Country/Region | string | text
industry | Industry | string | text
annualrevenue | Annual Revenue | string | text
message | Message | string | textarea
hs_language | Preferred language | string | text
hs_timezone | Time Zone | string | text
numemployees | Number of Employees | enumeration | select | | 1-5;5-25;25-50;50-100;100-500;500-1000;1000+
associatedcompanyid | Primary Associated Company ID | number | number | x
lifecyclestage | Lifecycle Stage | enumeration | radio | x | @lifecycle
hs_lead_status | Lead Status | enumeration | radio | | @lead_status
hs_analytics_source | Original Traffic Source | enumeration | select | | @sources
hs_analytics_source_data_1 | Original Traffic Source Drill-Down 1 | string | text | r
hs_analytics_source_data_2 | Original Traffic Source Drill-Down 2 | string | text | r
hs_latest_source | Latest Traffic Source | enumeration | select | | @sources
hs_latest_source_timestamp | Latest Traffic Source Date | datetime | date
hs_analytics_num_page_views | Number of Pageviews | number | number | r
hs_analytics_num_visits | Number of Sessions | number | number | r
hs_analytics_last_visit_timestamp | Time of Last Session | datetime | date | r
hs_analytics_last_timestamp | Time Last Seen | datetime | date | r
hs_analytics_num_event_completions | Number of event completions | number | number | r
num_conversion_events | Number of Form Submissions | number | number | rc
num_unique_conversion_events | Number of Unique Forms Submitted | number | number | rc
first_conversion_date | First Conversion Date | datetime | date | rc
first_conversion_event_name | First Conversion | string | text | rc
recent_conversion_date | Recent Conversion Date | datetime | date | rc
recent_conversion_event_name | Recent Conversion | string | text | rc
notes_last_contacted | Last Contacted | datetime | date | r
notes_last_updated | Last Activity Date | datetime | date | r
notes_next_activity_date | Next Activity Date | datetime | date | r
num_contacted_notes | Number of times contacted | number | number | r
num_notes | Number of Sales Activities | number | number | r
engagements_last_meeting_booked | Date of last meeting booked in meetings tool | datetime | date | r
hs_latest_meeting_activity | Latest meeting activity | datetime | date | r
hs_last_sales_activity_timestamp | Last Engagement Date | datetime | date | r
hs_last_sales_activity_date | Last sales activity date | datetime | date | r
hs_last_sales_activity_type | Last Engagement Type | enumeration | select | r | @sales_activity
hs_email_open | Marketing emails opened | number | number | r
hs_email_click | Marketing emails clicked | number | number | r
hs_email_replied | Marketing emails replied | number | number | r
hs_email_delivered | Marketing emails delivered | number | number | r
hs_email_bounce | Marketing emails bounced | number | number | r
hs_email_last_open_date | Last marketing email open date | datetime | date | r
hs_email_last_click_date | Last marketing email click date | datetime | date | r
hs_email_last_reply_date | Last marketing email reply date | datetime | date | r
hs_sales_email_last_opened | Recent Sales Email Opened Date | datetime | date | r
hs_sales_email_last_clicked | Recent Sales Email Clicked Date | datetime | date | r
hs_sales_email_last_replied | Recent Sales Email Replied Date | datetime | date | r
hs_email_optout | Unsubscribed from all email | bool | booleancheckbox | r
hubspotscore | HubSpot Score | number | calculation_score | rc
hs_predictivecontactscore_v2 | Likelihood to close | number | number | rc
hs_predictivescoringtier | Contact priority | enumeration | radio | r | tier_1;tier_2;tier_3;tier_4
num_associated_deals | Number of Associated Deals | number | number | rc
hs_calculated_merged_vids | Merged contact IDs with timestamps | enumeration | checkbox | rcx
hs_is_unworked | Contact unworked | bool | booleancheckbox | rc
hs_count_is_worked | Count of worked contacts | number | number | rch
hs_count_is_unworked | Count of unworked contacts | number | number | rch
hs_is_contact | Is a contact | bool | booleancheckbox | rch
"""

_COMPANIES = """
createdate | Create Date | datetime | date | r
name | Company name | string | text
domain | Company Domain Name | string | text
website | Website URL | string | text
phone | Phone Number | string | phonenumber
description | Description | string | textarea
industry | Industry | string | text
numberofemployees | Number of Employees | number | number
annualrevenue | Annual Revenue | number | number
address | Street Address | string | text
city | City | string | text
state | State/Region | string | text
zip | Postal Code | string | text
country | Country/Region | string | text
lifecyclestage | Lifecycle Stage | enumeration | radio | x | @lifecycle
hs_lead_status | Lead Status | enumeration | radio | | @lead_status
num_associated_contacts | Number of Associated Contacts | number | number | rc
hs_num_open_deals | Number of open deals | number | number | rc
notes_last_contacted | Last Contacted | datetime | date | r
notes_last_updated | Last Activity Date | datetime | date | r
num_notes | Number of Sales Activities | number | number | r
num_contacted_notes | Number of times contacted | number | number | r
"""

_DEALS = """
createdate | Create Date | datetime | date
dealname | Deal Name | string | text
amount | Amount | number | number
closedate | Close Date | datetime | date
pipeline | Pipeline | enumeration | select | x | default=Sales Pipeline
dealstage | Deal Stage | enumeration | radio | x | @deal_stages
dealtype | Deal Type | enumeration | radio | | newbusiness=New Business;existingbusiness=Existing Business
description | Deal Description | string | textarea
hs_priority | Priority | enumeration | select | | low;medium;high
deal_currency_code | Currency | enumeration | select | x
num_associated_contacts | Number of Associated Contacts | number | number | rc
"""

_TICKETS = """
createdate | Create date | datetime | date
subject | Ticket name | string | text
content | Ticket description | string | textarea
hs_pipeline | Pipeline | enumeration | select | x | 0=Support Pipeline
hs_pipeline_stage | Ticket status | enumeration | select | x | 1=New;2=Waiting on contact;3=Waiting on us;4=Closed
hs_ticket_category | Category | enumeration | checkbox | | PRODUCT_ISSUE;BILLING_ISSUE;FEATURE_REQUEST;GENERAL_INQUIRY
hs_ticket_priority | Priority | enumeration | select | | LOW;MEDIUM;HIGH
"""

_LEADS = """
createdate | Create Date | datetime | date | r
hs_lead_name | Lead Name | string | text
hs_lead_type | Lead Type | enumeration | select | | NEW_BUSINESS;RE_ATTEMPTING;UPSELL
hs_lead_label | Lead Label | enumeration | select | | HOT;WARM;COLD
hs_pipeline | Lead Pipeline | enumeration | select | x | lead-pipeline-id=Lead pipeline
hs_pipeline_stage | Lead Stage | enumeration | select | x | @lead_stages
"""

_ENGAGEMENT = """
hs_timestamp | Activity date | datetime | date
hs_attachment_ids | Attached file IDs | enumeration | checkbox | x
hs_activity_type | Call and meeting type | enumeration | select | x
hs_body_preview | Body preview | string | textarea | r
hs_engagement_source | Engagement Source | string | text
hs_unique_id | Unique ID | string | text
"""

_CALLS = """
hs_call_title | Call Title | string | text
hs_call_body | Call notes | string | html
hs_call_direction | Call direction | enumeration | select | | INBOUND=Inbound;OUTBOUND=Outbound
hs_call_disposition | Call outcome | enumeration | select | | @dispositions
hs_call_duration | Call duration | number | number
hs_call_status | Call status | enumeration | select | | @call_status
hs_call_from_number | From Number | string | phonenumber
hs_call_to_number | To Number | string | phonenumber
hs_call_recording_url | Recording URL | string | html
hs_call_callee_object_id | Callee object ID | number | number
hs_call_callee_object_type_id | Callee object type | string | text
"""

_MEETINGS = """
hs_meeting_title | Meeting name | string | text
hs_meeting_body | Meeting description | string | html
hs_meeting_start_time | Meeting start time | datetime | date
hs_meeting_end_time | Meeting end time | datetime | date
hs_meeting_location | Meeting location | string | text
hs_meeting_external_url | External url | string | text
hs_internal_meeting_notes | Internal meeting notes | string | html
hs_meeting_outcome | Meeting outcome | enumeration | select | | @meeting_outcomes
"""

_EMAILS = """
hs_email_subject | Email subject | string | text
hs_email_text | Email body | string | textarea
hs_email_html | HTML body | string | html
hs_email_direction | Email direction | enumeration | select | | @email_directions
hs_email_status | Email send status | enumeration | select | | BOUNCED;FAILED;SCHEDULED;SENDING;SENT
hs_email_headers | Email headers | string | textarea
hs_email_from_email | From email | string | text | r
hs_email_to_email | To email | string | text | r
"""

_NOTES = """
hs_note_body | Note body | string | html
"""

_TASKS = """
hs_task_subject | Task Title | string | text
hs_task_body | Task Notes | string | html
hs_task_status | Task Status | enumeration | select | | NOT_STARTED;IN_PROGRESS;WAITING;DEFERRED;COMPLETED
hs_task_priority | Priority | enumeration | select | | NONE;LOW;MEDIUM;HIGH
hs_task_type | Task Type | enumeration | select | | EMAIL;CALL;TODO
hs_task_reminders | Task reminders | string | text
hs_task_completion_date | Completed at | datetime | date | r
"""

_COMMUNICATIONS = """
hs_communication_body | Communication body | string | html
hs_communication_channel_type | Channel type | enumeration | select | | WHATS_APP;LINKEDIN_MESSAGE;SMS
hs_communication_logged_from | Logged from | enumeration | select | | CRM
"""

TABLES: dict[str, tuple[str, ...]] = {
    "contacts": (_COMMON, _CONTACTS),
    "companies": (_COMMON, _COMPANIES),
    "deals": (_COMMON, _DEALS),
    "tickets": (_COMMON, _TICKETS),
    "leads": (_COMMON, _LEADS),
    "calls": (_COMMON, _ENGAGEMENT, _CALLS),
    "meetings": (_COMMON, _ENGAGEMENT, _MEETINGS),
    "emails": (_COMMON, _ENGAGEMENT, _EMAILS),
    "notes": (_COMMON, _ENGAGEMENT, _NOTES),
    "tasks": (_COMMON, _ENGAGEMENT, _TASKS),
    "communications": (_COMMON, _ENGAGEMENT, _COMMUNICATIONS),
    **{name: (_COMMON, *own) for name, own in COMMERCE_TABLES.items()},
    "postal_mail": (_COMMON, _ENGAGEMENT, *COMMERCE_TABLES["postal_mail"]),
}
"""Tables per object name; a custom object has the common ones."""

COMMON_TABLE = _COMMON

DISPOSITIONS = {
    "9d9162e7-6cf3-4944-bf63-4dff82258764": "Busy",
    "f240bbac-87c9-4f6e-bf70-924b57d47db7": "Connected",
    "a4c4c377-d246-4b32-a13b-75a56a4cd0ff": "Left live message",
    "b2cf5968-551e-4856-9783-52b3da59a7d0": "Left voicemail",
    "73a0d17f-1163-4015-bdd5-ec830791da20": "No answer",
    "17b47fee-58de-441e-a44c-c6300d46f273": "Wrong number",
}
"""Call outcomes by GUID (DOC, wire notes 3.2)."""

OPTION_SETS: dict[str, str] = {
    "@lead_status": "NEW=New;OPEN=Open;IN_PROGRESS=In Progress;OPEN_DEAL=Open Deal;UNQUALIFIED=Unqualified;"
    "ATTEMPTED_TO_CONTACT=Attempted to Contact;CONNECTED=Connected;BAD_TIMING=Bad Timing",
    "@sources": "ORGANIC_SEARCH=Organic Search;PAID_SEARCH=Paid Search;EMAIL_MARKETING=Email Marketing;"
    "SOCIAL_MEDIA=Organic Social;REFERRALS=Referrals;OTHER_CAMPAIGNS=Other Campaigns;"
    "DIRECT_TRAFFIC=Direct Traffic;OFFLINE=Offline Sources;PAID_SOCIAL=Paid Social",
    "@sales_activity": "EMAIL_OPEN;EMAIL_CLICK;EMAIL_REPLY;FORM_SUBMITTED;MEETING_BOOKED;HUBSPOT_REVISIT",
    "@dispositions": ";".join(f"{guid}={label}" for guid, label in DISPOSITIONS.items()),
    "@email_directions": "EMAIL=Email;INCOMING_EMAIL=Incoming email;FORWARDED_EMAIL=Forwarded email",
    "@call_status": "BUSY;CALLING_CRM_USER;CANCELED;COMPLETED;CONNECTING;FAILED;IN_PROGRESS;NO_ANSWER;QUEUED;RINGING",
    "@meeting_outcomes": "SCHEDULED=Scheduled;COMPLETED=Completed;RESCHEDULED=Rescheduled;NO_SHOW=No Show;"
    "CANCELED=Canceled",
    "@deal_stages": "appointmentscheduled=Appointment Scheduled;qualifiedtobuy=Qualified To Buy;"
    "presentationscheduled=Presentation Scheduled;decisionmakerboughtin=Decision Maker Bought-In;"
    "contractsent=Contract Sent;closedwon=Closed Won;closedlost=Closed Lost",
    "@lead_stages": "new-stage-id=New;attempting-stage-id=Attempting;connected-stage-id=Connected;"
    "qualified-stage-id=Qualified;unqualified-stage-id=Disqualified",
}
