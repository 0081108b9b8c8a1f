"""What administrators look after: statuses, permissions, hours, reports, jobs."""

SETUP = """
OpportunityStage 01J OpportunityStages s
  MasterLabel string(255) !rn
  ApiName string(255) !r
  IsActive boolean !r
  SortOrder int r
  IsClosed boolean !r
  IsWon boolean !r
  ForecastCategory picklist !r | Omitted;Pipeline;BestCase;MostLikely;Forecast;Closed
  ForecastCategoryName picklist !r | Omitted;Pipeline;Best Case;Most Likely;Commit;Closed
  DefaultProbability percent(3,0) r
  Description string(255) r
TaskStatus 01J TaskStatuses s
  MasterLabel string(255) !rn
  ApiName string(255) !r
  SortOrder int r
  IsDefault boolean !r
  IsClosed boolean !r
TaskPriority 01J TaskPriorities s
  MasterLabel string(255) !rn
  ApiName string(255) !r
  SortOrder int r
  IsDefault boolean !r
  IsHighPriority boolean !r
CaseStatus 01J CaseStatuses s
  MasterLabel string(255) !rn
  ApiName string(255) !r
  SortOrder int r
  IsDefault boolean !r
  IsClosed boolean !r
ContractStatus 01J ContractStatuses s
  MasterLabel string(255) !rn
  ApiName string(255) !r
  SortOrder int r
  IsDefault boolean !r
  StatusCode picklist !r | Draft;InApproval;Activated
PartnerRole 01J PartnerRoles s
  MasterLabel string(255) !rn
  ApiName string(255) !r
  SortOrder int r
  ReverseRole picklist r
CurrencyType 01L CurrencyTypes s
  IsoCode picklist !r
  ConversionRate double(18,6) !r
  DecimalPlaces int !r
  IsActive boolean !r
  IsCorporate boolean !r
UserLicense 100 UserLicenses m
  LicenseDefinitionKey string(40) !r
  TotalLicenses int r
  Status picklist r | Active;Disabled
  UsedLicenses int r
  Name string(40) rn
  MasterLabel string(40) r
  CreatedDate datetime !r
  LastModifiedDate datetime !r
PermissionSet 0PS PermissionSets s
  Name string(80) !rn
  Label string(80) !r
  LicenseId string(18) r
  ProfileId ref(Profile) r
  IsOwnedByProfile boolean !r
  IsCustom boolean !r
  Description string(255) r
  NamespacePrefix string(15) r
  Type picklist r | Regular;Profile;Group;Session;Standard
  PermissionsApiEnabled boolean !r
  PermissionsViewAllData boolean !r
  PermissionsModifyAllData boolean !r
PermissionSetAssignment 0Pa PermissionSetAssignments mw
  PermissionSetId ref(PermissionSet.Assignments) f
  PermissionSetGroupId string(18) r
  AssigneeId ref(User.PermissionSetAssignments) !f
  ExpirationDate datetime r
ObjectPermissions 110 ObjectPermissions s
  ParentId ref(PermissionSet.ObjectPerms) !r
  SobjectType picklist !r
  PermissionsCreate boolean !r
  PermissionsRead boolean !r
  PermissionsEdit boolean !r
  PermissionsDelete boolean !r
  PermissionsViewAllRecords boolean !r
  PermissionsModifyAllRecords boolean !r
FieldPermissions 01k FieldPermissions mw
  ParentId ref(PermissionSet.FieldPerms) !f
  SobjectType picklist !f
  Field picklist !f
  PermissionsEdit boolean !
  PermissionsRead boolean !
BusinessHours 01m BusinessHours s
  Name string(80) !rn
  IsActive boolean !r
  IsDefault boolean !r
  TimeZoneSidKey picklist !r
Holiday 0C0 Holidays s
  Name string(80) !rn
  Description string(100) r
  IsAllDay boolean !r
  ActivityDate date r
  StartTimeInMinutes int r
  EndTimeInMinutes int r
  IsRecurrence boolean !r
Period 026 Periods m
  FiscalYearSettingsId ref(FiscalYearSettings) r
  Type picklist r | Month;Quarter;Week;Year
  StartDate date !r
  EndDate date !r
  IsForecastPeriod boolean !r
  QuarterLabel picklist r
  PeriodLabel picklist r
  Number int r
FiscalYearSettings 022 FiscalYearSettings m
  PeriodId ref(Period) r
  StartDate date r
  EndDate date r
  Name string(80) rn
  IsStandardYear boolean !r
  YearType picklist r | Standard;Custom
  Description string(255) r
AssignmentRule 01Q AssignmentRules s
  Name string(120) rn
  SobjectType picklist r | Case;Lead
  Active boolean !r
ListView 00B ListViews s
  Name string(40) !rn
  DeveloperName string(80) r
  NamespacePrefix string(15) r
  SobjectType picklist r
  IsSoqlCompatible boolean !r
  LastViewedDate datetime r
  LastReferencedDate datetime r
Report 00O Reports ds
  OwnerId ref(Folder,Organization,User) !r
  FolderName string(256) r
  Name string(40) !rn
  Description string(255) r
  DeveloperName string(80) !r
  NamespacePrefix string(15) r
  LastRunDate datetime r
  Format picklist !r | Tabular;Summary;Matrix;MultiBlock
  LastViewedDate datetime r
  LastReferencedDate datetime r
Dashboard 01Z Dashboards ds
  FolderId ref(Folder,Organization,User) !r
  FolderName string(256) r
  Title string(80) !rn
  DeveloperName string(80) !r
  NamespacePrefix string(15) r
  Description string(255) r
  RunningUserId ref(User) !r
  Type picklist !r | SpecifiedUser;LoggedInUser;MyTeamUser
  LastViewedDate datetime r
  LastReferencedDate datetime r
DuplicateRule 0Bm DuplicateRules ds
  SobjectType picklist !r
  DeveloperName string(80) r
  MasterLabel string(80) rn
  NamespacePrefix string(15) r
  SobjectSubtype picklist r
  IsActive boolean !r
DuplicateRecordSet 0GK DuplicateRecordSets ds
  Name string(255) !rn
  DuplicateRuleId ref(DuplicateRule.DuplicateRecordSets) r
  RecordCount int r
DuplicateRecordItem 0GL DuplicateRecordItems ds
  Name string(255) !rn
  DuplicateRecordSetId ref(DuplicateRecordSet.DuplicateRecordItems) !r
  RecordId ref(Account,Contact,Lead) !r
Individual 0PK Individuals dsow
  LastName string(80) !
  FirstName string(40)
  Salutation picklist | Mr.;Ms.;Dr.;Prof.
  Name string(121) !rn
  HasOptedOutTracking boolean !
  HasOptedOutProfiling boolean !
  HasOptedOutProcessing boolean !
  HasOptedOutSolicit boolean !
  ShouldForget boolean !
  SendIndividualData boolean !
  LastViewedDate datetime r
ApexClass 01p ApexClasses s
  NamespacePrefix string(15) r
  Name string(255) !rn
  ApiVersion double(18,1) !r
  Status picklist !r | Inactive;Active;Deleted
  IsValid boolean !r
  LengthWithoutComments int r
  Body textarea(1000000) r
ApexTrigger 01q ApexTriggers s
  NamespacePrefix string(15) r
  Name string(255) !rn
  TableEnumOrId picklist r
  ApiVersion double(18,1) !r
  Status picklist !r | Inactive;Active;Deleted
  IsValid boolean !r
  Body textarea(1000000) r
AsyncApexJob 707 ApexJobs c
  JobType picklist !r | Future;ScheduledApex;BatchApex;Queueable
  ApexClassId ref(ApexClass) r
  Status picklist !r | Queued;Processing;Aborted;Completed;Failed;Preparing;Holding
  JobItemsProcessed int r
  TotalJobItems int r
  NumberOfErrors int r
  CompletedDate datetime r
  MethodName string(255) r
  ExtendedStatus string(255) r
CronTrigger 08e ScheduledJobs c
  CronJobDetailId string(18) r
  NextFireTime datetime r
  PreviousFireTime datetime r
  State string(8) r
  StartTime datetime r
  EndTime datetime r
  CronExpression string(255) r
  TimeZoneSidKey string(40) r
  OwnerId ref(User) r
  LastModifiedById ref(User) !r
  TimesTriggered int r
LoginHistory 0Ya LoginHistory -
  UserId ref(User) r
  LoginTime datetime r
  LoginType picklist r
  SourceIp string(39) r
  LoginUrl string(120) r
  Browser string(64) r
  Platform string(64) r
  Status string(128) r
  Application string(64) r
  ClientVersion string(64) r
  ApiType string(64) r
  ApiVersion string(32) r
SetupAuditTrail 0Ym SetupAuditTrail c
  Action string(80) r
  Section string(80) r
  Display string(1000) r
  DelegateUser string(120) r
FeedItem 0D5 FeedItems dm
  ParentId ref(Account.Feeds,Case,Contact.Feeds,Lead.Feeds,Opportunity.Feeds,User) !r
  Type picklist r | TextPost;LinkPost;ContentPost;TrackedChange;CreateRecordEvent
  CreatedById ref(User) !r
  CreatedDate datetime !r
  LastModifiedDate datetime !r
  CommentCount int !r
  LikeCount int !r
  Title string(255) r
  Body textarea(10000) r
  LinkUrl url(1000) r
  IsRichText boolean !r
  RelatedRecordId string(18) r
  InsertedById ref(User) r
FeedComment 0D7 FeedComments d
  FeedItemId ref(FeedItem) !r
  ParentId ref(Account,Case,Contact,Lead,Opportunity,User) r
  CreatedById ref(User) !r
  CreatedDate datetime !r
  CommentBody textarea(10000) !r
  CommentType picklist r | TextComment;ContentComment
  InsertedById ref(User) r
"""
