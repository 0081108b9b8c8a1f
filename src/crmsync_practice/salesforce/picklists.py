"""Picklists that several objects share."""

SOURCES = ("Web", "Webinar", "Trade Show", "Partner Referral", "Advertisement", "Purchased List", "Other")
INDUSTRIES = (
    "Agriculture",
    "Banking",
    "Consulting",
    "Education",
    "Energy",
    "Healthcare",
    "Manufacturing",
    "Media",
    "Retail",
    "Software",
    "Transportation",
    "Other",
)
