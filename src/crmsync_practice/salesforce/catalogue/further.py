"""Further standard fields of the objects that are described elsewhere."""

FURTHER = """
Lead
  Latitude double(18,15)
  Longitude double(18,15)
  GeocodeAccuracy picklist | Address;NearAddress;Block;Street;ExtendedZip;Zip;Neighborhood;City;County;State;Unknown
  HasOptedOutOfFax boolean !
  LastViewedDate datetime r
  LastReferencedDate datetime r
  LastTransferDate date r
  EmailBouncedReason string(255)
  EmailBouncedDate datetime
  Jigsaw string(20)
  JigsawContactId string(20) r
  CleanStatus picklist | Matched;Different;Acknowledged;NotFound;Inactive;Pending;SelectMatch;Skipped
  CompanyDunsNumber string(9)
  IndividualId ref(Individual.Leads)
  PhotoUrl url(255) r
Task
  AccountId ref(Account) r
  WhoCount int r
  WhatCount int r
  CallObject string(255)
  RecurrenceActivityId ref(Task.RecurringTasks) r
  IsRecurrence boolean !
  RecurrenceStartDateOnly date
  RecurrenceEndDateOnly date
  RecurrenceTimeZoneSidKey picklist
  RecurrenceType picklist | RecursDaily;RecursEveryWeekday;RecursMonthly;RecursMonthlyNth;RecursWeekly;RecursYearly
  RecurrenceInterval int
  RecurrenceDayOfWeekMask int
  RecurrenceDayOfMonth int
  RecurrenceInstance picklist | First;Second;Third;Fourth;Last
  RecurrenceMonthOfYear picklist
  RecurrenceRegeneratedType picklist
Event
  AccountId ref(Account) r
  WhoCount int r
  WhatCount int r
  EndDate date r
  GroupEventType picklist r | 0;1;2;3
  RecurrenceActivityId ref(Event.RecurringEvents) r
  IsRecurrence boolean !
  RecurrenceStartDateTime datetime
  RecurrenceEndDateOnly date
  RecurrenceTimeZoneSidKey picklist
  RecurrenceType picklist | RecursDaily;RecursEveryWeekday;RecursMonthly;RecursMonthlyNth;RecursWeekly;RecursYearly
  RecurrenceInterval int
  RecurrenceDayOfWeekMask int
  RecurrenceDayOfMonth int
  RecurrenceInstance picklist | First;Second;Third;Fourth;Last
  RecurrenceMonthOfYear picklist
  IsRecurrence2 boolean !r
  Recurrence2PatternText textarea(512)
  IsRecurrence2Exception boolean !r
  IsRecurrence2Exclusion boolean !r
  Recurrence2PatternStartDate datetime r
  Recurrence2PatternTimeZone string(255)
  ReminderDateTime datetime
  IsReminderSet boolean !
Account
  MasterRecordId ref(Account) r
  ParentId ref(Account.ChildAccounts)
  BillingLatitude double(18,15)
  BillingLongitude double(18,15)
  BillingGeocodeAccuracy picklist
  ShippingStreet textarea(255)
  ShippingCity string(40)
  ShippingState string(80)
  ShippingPostalCode string(20)
  ShippingCountry string(80)
  ShippingLatitude double(18,15)
  ShippingLongitude double(18,15)
  ShippingGeocodeAccuracy picklist
  Fax phone(40)
  AccountNumber string(40)
  PhotoUrl url(255) r
  Sic string(20)
  Ownership picklist | Public;Private;Subsidiary;Other
  TickerSymbol string(20)
  Rating picklist | Hot;Warm;Cold
  Site string(80)
  LastActivityDate date r
  LastViewedDate datetime r
  LastReferencedDate datetime r
  Jigsaw string(20)
  JigsawCompanyId string(20) r
  CleanStatus picklist | Matched;Different;Acknowledged;NotFound;Inactive;Pending;SelectMatch;Skipped
  AccountSource picklist | Web;Webinar;Trade Show;Partner Referral;Advertisement;Purchased List;Other
  DunsNumber string(9)
  Tradestyle string(255)
  NaicsCode string(8)
  NaicsDesc string(120)
  YearStarted string(4)
  SicDesc string(80)
Contact
  MasterRecordId ref(Contact) r
  Salutation picklist | Mr.;Ms.;Mrs.;Dr.;Prof.
  OtherStreet textarea(255)
  OtherCity string(40)
  OtherState string(80)
  OtherPostalCode string(20)
  OtherCountry string(80)
  MailingStreet textarea(255)
  MailingCity string(40)
  MailingState string(80)
  MailingPostalCode string(20)
  MailingCountry string(80)
  Fax phone(40)
  MobilePhone phone(40)
  HomePhone phone(40)
  OtherPhone phone(40)
  AssistantPhone phone(40)
  ReportsToId ref(Contact.ReportsTo)
  Department string(80)
  AssistantName string(40)
  Birthdate date
  Description textarea(32000)
  HasOptedOutOfEmail boolean !
  HasOptedOutOfFax boolean !
  DoNotCall boolean !
  LastCURequestDate datetime r
  LastCUUpdateDate datetime r
  LastViewedDate datetime r
  LastReferencedDate datetime r
  EmailBouncedReason string(255)
  EmailBouncedDate datetime
  IsEmailBounced boolean !r
  PhotoUrl url(255) r
  Jigsaw string(20)
  JigsawContactId string(20) r
  CleanStatus picklist | Matched;Different;Acknowledged;NotFound;Inactive;Pending;SelectMatch;Skipped
  IndividualId ref(Individual.Contacts)
Opportunity
  IsPrivate boolean !
  Description textarea(32000)
  Probability percent(3,0)
  ExpectedRevenue currency(18,2) r
  TotalOpportunityQuantity double(18,2)
  Type picklist | Existing Business;New Business
  NextStep string(255)
  ForecastCategory picklist !r | Omitted;Pipeline;BestCase;MostLikely;Forecast;Closed
  ForecastCategoryName picklist | Omitted;Pipeline;Best Case;Most Likely;Commit;Closed
  CampaignId ref(Campaign.Opportunities)
  HasOpportunityLineItem boolean !r
  Pricebook2Id ref(Pricebook2.Opportunities)
  ContactId ref(Contact)
  ContractId ref(Contract.Opportunities)
  LastActivityDate date r
  PushCount int r
  LastStageChangeDate datetime r
  FiscalQuarter int r
  FiscalYear int r
  Fiscal string(6) r
  LastViewedDate datetime r
  LastReferencedDate datetime r
  HasOpenActivity boolean !r
  HasOverdueTask boolean !r
Campaign
  ParentId ref(Campaign.ChildCampaigns)
  ExpectedRevenue currency(18,0)
  BudgetedCost currency(18,0)
  ActualCost currency(18,0)
  ExpectedResponse percent(8,2)
  NumberSent double(18,0)
  Description textarea(32000)
  NumberOfLeads int r
  NumberOfConvertedLeads int r
  NumberOfContacts int r
  NumberOfResponses int r
  NumberOfOpportunities int r
  NumberOfWonOpportunities int r
  AmountAllOpportunities currency(18,0) r
  AmountWonOpportunities currency(18,0) r
  LastActivityDate date r
  LastViewedDate datetime r
  LastReferencedDate datetime r
  CampaignMemberRecordTypeId string(18)
CampaignMember
  FirstRespondedDate date r
User
  DefaultCurrencyIsoCode string(3)
  CompanyName string(80)
  Division string(80)
  Street textarea(255)
  City string(40)
  State string(80)
  PostalCode string(20)
  Country string(80)
  Phone phone(40)
  Fax phone(40)
  MobilePhone phone(40)
  Extension phone(40)
  SenderEmail email(80)
  SenderName string(80)
  Signature textarea(1333)
  CommunityNickname string(40)
  ReceivesInfoEmails boolean !
  ReceivesAdminInfoEmails boolean !
  EmployeeNumber string(20)
  DelegatedApproverId ref(User)
  LastLoginDate datetime r
  LastPasswordChangeDate datetime r
  NumberOfFailedLogins int r
  OfflineTrialExpirationDate datetime r
  ForecastEnabled boolean !
  UserPermissionsMarketingUser boolean !
  UserPermissionsOfflineUser boolean !
  UserPermissionsSFContentUser boolean !
  UserPermissionsSupportUser boolean !
  CallCenterId string(18)
  ContactId ref(Contact)
  AccountId ref(Account) r
  FederationIdentifier string(512)
  AboutMe textarea(1000)
  FullPhotoUrl url(1024) r
  SmallPhotoUrl url(1024) r
  MediumPhotoUrl url(1024) r
  IsProfilePhotoActive boolean !r
  DigestFrequency picklist =D | D;W;N
  DefaultGroupNotificationFrequency picklist =N | P;D;W;N
  IndividualId ref(Individual.Users)
Group
  OwnerId ref(Organization,User)
  DoesSendEmailToMembers boolean !
  DoesIncludeBosses boolean !
  Description string(255)
UserRole
  RollupDescription string(80)
  OpportunityAccessForAccountOwner picklist =Edit | Edit;Read;None
  CaseAccessForAccountOwner picklist =Edit | Edit;Read;None
  ContactAccessForAccountOwner picklist =Edit | Edit;Read;None
  ForecastUserId ref(User)
  MayForecastManagerShare boolean !
  PortalAccountId ref(Account)
  PortalType picklist =None | None;CustomerPortal;Partner
  PortalAccountOwnerId ref(User)
Profile
  Description string(255)
  UserType picklist =Standard | Standard;PowerPartner;CsnOnly;Guest
  UserLicenseId ref(UserLicense)
  LastViewedDate datetime r
  LastReferencedDate datetime r
RecordType
  BusinessProcessId string(18)
Organization
  DefaultCurrencyIsoCode string(3) r
  Division string(80)
  Street textarea(255)
  City string(40)
  State string(80)
  PostalCode string(20)
  Phone phone(40)
  Fax phone(40)
  PrimaryContact string(80)
  ReceivesInfoEmails boolean !
  ReceivesAdminInfoEmails boolean !
  UsesStartDateAsFiscalYearName boolean !
  DefaultAccountAccess picklist =Edit | None;Read;Edit;ControlledByLeadOrContact;ControlledByCampaign
  DefaultContactAccess picklist =ControlledByParent | None;Read;Edit;ControlledByParent
  DefaultOpportunityAccess picklist =Edit | None;Read;Edit
  DefaultLeadAccess picklist =ReadEditTransfer | None;Read;Edit;ReadEditTransfer
  DefaultCaseAccess picklist =ReadEditTransfer | None;Read;Edit;ReadEditTransfer
  DefaultCalendarAccess picklist =HideDetailsInsert | HideDetails;HideDetailsInsert;ShowDetails;AllowEdits
  DefaultPricebookAccess picklist =ReadSelect | None;Read;ReadSelect
  DefaultCampaignAccess picklist =All | None;Read;Edit;All
  ComplianceBccEmail email(80)
  UiSkin picklist =Theme3 | Theme1;Theme2;Theme3
  SignupCountryIsoCode string(2) r
  MonthlyPageViewsUsed int r
  MonthlyPageViewsEntitlement int r
  IsReadOnly boolean !r
"""
