"""Cases, solutions, e-mails, notes, files and what else hangs on records."""

SERVING = """
Case 500 Cases dsOw
  MasterRecordId ref(Case) r
  CaseNumber string(30) rn
  ContactId ref(Contact.Cases)
  AccountId ref(Account.Cases)
  AssetId ref(Asset.Cases)
  ParentId ref(Case.Cases)
  SuppliedName string(80)
  SuppliedEmail email(80)
  SuppliedPhone string(40)
  SuppliedCompany string(80)
  Type picklist | Mechanical;Electrical;Electronic;Structural;Other
  Status picklist =New | New;Working;Escalated;Closed
  Reason picklist | Installation;Equipment Complexity;Performance;Breakdown;Equipment Design;Feedback;Other
  Origin picklist | Phone;Email;Web
  Subject string(255)
  Priority picklist =Medium | High;Medium;Low
  Description textarea(32000)
  IsClosed boolean !r
  ClosedDate datetime r
  IsEscalated boolean !
  ContactPhone phone r
  ContactMobile phone r
  ContactEmail email r
  ContactFax phone r
  Comments textarea(4000)
  LastViewedDate datetime r
  LastReferencedDate datetime r
CaseComment 00a CaseComments dsw
  ParentId ref(Case.CaseComments) !f
  IsPublished boolean !
  CommentBody textarea(4000)
CaseContactRole 03j CaseContactRoles dsw
  CasesId ref(Case.CaseContactRoles) !f
  ContactId ref(Contact.CaseContactRoles) !
  Role picklist | Technical Contact;Business Contact;Decision Maker;Other
Solution 501 Solutions dsow
  SolutionNumber string(30) r
  SolutionName string(255) !n
  IsPublished boolean !
  IsPublishedInPublicKb boolean !
  Status picklist ! =Draft | Draft;Reviewed;Duplicate
  IsReviewed boolean !r
  SolutionNote textarea(32000)
  TimesUsed int !r
  LastViewedDate datetime r
  LastReferencedDate datetime r
EmailMessage 02s EmailMessages dsw
  ParentId ref(Case.EmailMessages)
  ActivityId ref(Task) r
  TextBody textarea(32000)
  HtmlBody textarea(32000)
  Headers textarea(32000)
  Subject string(3000)
  Name string(255) rn
  FromName string(1000)
  FromAddress email(1000)
  ValidatedFromAddress picklist
  ToAddress string(4000)
  CcAddress string(4000)
  BccAddress string(4000)
  Incoming boolean !
  HasAttachment boolean !r
  Status picklist ! =3 | 0;1;2;3;4;5
  MessageDate datetime
  ReplyToEmailMessageId ref(EmailMessage) f
  IsExternallyVisible boolean !
  MessageIdentifier string(765)
  ThreadIdentifier string(765)
  IsClientManaged boolean !f
  AttachmentIds textarea r
  RelatedToId ref(Account,Campaign,Case,Contract,Opportunity,Order,Product2,Solution)
  IsTracked boolean !
  IsOpened boolean !r
  FirstOpenedDate datetime r
  LastOpenedDate datetime r
  IsBounced boolean !r
  EmailTemplateId ref(EmailTemplate)
EmailMessageRelation 0e3 EmailMessageRelations dsw
  EmailMessageId ref(EmailMessage.EmailMessageRelations) !f
  RelationId ref(Contact,Lead,User) f
  RelationType picklist !f | FromAddress;ToAddress;CcAddress;BccAddress;OtherAddress
  RelationAddress string(1000) f
  RelationObjectType picklist r
EventRelation 0RE EventRelations dsw
  RelationId ref(Contact.EventRelations,Lead.EventRelations,User.EventRelations) f
  EventId ref(Event.EventRelations) !f
  Status picklist | New;Declined;Accepted;Uninvited;Maybe
  RespondedDate datetime
  Response string(255)
TaskRelation 0RT TaskRelations dsw
  RelationId ref(Contact,Lead) f
  TaskId ref(Task.TaskRelations) !f
  IsWhat boolean !f
Note 002 Notes dsow
  ParentId ref(Account.Notes,Asset,Campaign,Case,Contact.Notes,Contract,Lead.Notes,Opportunity.Notes,Product2) !f
  Title string(80) !n
  IsPrivate boolean !
  Body textarea(32000)
Attachment 00P Attachments dso
  ParentId ref(Account.Attachments,Campaign,Case,Contact.Attachments,Contract,Lead.Attachments,Opportunity,Task) !r
  Name string(255) !rn
  IsPrivate boolean !r
  ContentType string(120) r
  BodyLength int r
  Body base64 !r
  Description string(500) r
Document 015 Documents ds
  FolderId ref(Folder,User) !r
  Name string(255) !rn
  DeveloperName string(80) !r
  NamespacePrefix string(15) r
  ContentType string(120) r
  Type string(40) r
  IsPublic boolean !r
  BodyLength int r
  Body base64 r
  Url url(1000) r
  Description string(255) r
  Keywords string(255) r
  AuthorId ref(User) !r
ContentDocument 069 ContentDocuments dso
  IsArchived boolean !r
  ArchivedById ref(User) r
  ArchivedDate date r
  Title string(255) !rn
  PublishStatus picklist !r | P;R;U
  LatestPublishedVersionId ref(ContentVersion) r
  ParentId string(18) r
  Description textarea(1000) r
  ContentSize int r
  FileType string(20) r
  FileExtension string(40) r
  SharingOption picklist r | A;R
  LastViewedDate datetime r
  LastReferencedDate datetime r
ContentDocumentLink 06A ContentDocumentLinks dm
  LinkedEntityId ref(Account,Case,Contact,Contract,Event,Lead,Opportunity,Organization,Product2,Task,User) !r
  ContentDocumentId ref(ContentDocument.ContentDocumentLinks) !r
  ShareType picklist r | V;C;I
  Visibility picklist r | AllUsers;InternalUsers;SharedUsers
ContentVersion 068 ContentVersions dso
  ContentDocumentId ref(ContentDocument.ContentVersions) !r
  IsLatest boolean !r
  ContentUrl url(1333) r
  VersionNumber string(20) r
  Title string(255) !rn
  Description textarea(1000) r
  ReasonForChange string(1000) r
  PathOnClient string(500) r
  RatingCount int r
  ContentModifiedDate datetime r
  ContentModifiedById ref(User) r
  FileType string(20) !r
  PublishStatus picklist !r | P;R;U
  VersionData base64 r
  ContentSize int r
  FileExtension string(40) r
  FirstPublishLocationId ref(Account,Case,Contact,Lead,Opportunity,User) r
  Origin picklist !r | C;H
  Checksum string(50) r
EmailTemplate 00X EmailTemplates s
  Name string(80) !rn
  DeveloperName string(80) !r
  NamespacePrefix string(15) r
  OwnerId ref(User) !r
  FolderId ref(Folder,Organization,User) !r
  FolderName string(255) r
  BrandTemplateId string(18) r
  TemplateStyle picklist !r | none
  IsActive boolean !r
  TemplateType picklist !r | text;html;custom;visualforce
  Encoding picklist r | UTF-8;ISO-8859-1
  Description textarea(1000) r
  Subject string(255) r
  HtmlValue textarea(384000) r
  Body textarea(384000) r
  TimesUsed int r
  LastUsedDate datetime r
  RelatedEntityType picklist r
Folder 00l Folders s
  ParentId ref(Folder) r
  Name string(80) rn
  DeveloperName string(80) r
  AccessType picklist r | Hidden;Public;Shared
  IsReadonly boolean !r
  Type picklist !r | Dashboard;Document;Email;Report
  NamespacePrefix string(15) r
Topic 0TO Topics cm
  Name string(99) !rn
  Description textarea(1000) r
  TalkingAbout int r
TopicAssignment 0cV TopicAssignments dcm
  TopicId ref(Topic.TopicAssignments) !r
  EntityId ref(Account,Case,Contact,Lead,Opportunity) !r
  EntityKeyPrefix string(3) r
  EntityType string(40) r
"""
