"""Products, prices, orders, contracts, and what stands beside opportunities and campaigns."""

SELLING = """
Product2 01t Products dsw
  Name string(255) !n
  ProductCode string(255)
  Description textarea(4000)
  IsActive boolean !
  Family picklist | None
  ExternalDataSourceId string(18) r
  ExternalId string(255)
  DisplayUrl url(1000)
  QuantityUnitOfMeasure picklist | Each
  IsArchived boolean !r
  LastViewedDate datetime r
  LastReferencedDate datetime r
  StockKeepingUnit string(180)
Pricebook2 01s PriceBooks dsw
  Name string(255) !n
  IsActive boolean !
  IsArchived boolean !r
  Description string(255)
  IsStandard boolean !r
  ValidFrom datetime
  ValidTo datetime
  LastViewedDate datetime r
  LastReferencedDate datetime r
PricebookEntry 01u PriceBookEntries dsw
  Name string(255) rn
  Pricebook2Id ref(Pricebook2.PricebookEntries) !f
  Product2Id ref(Product2.PricebookEntries) !f
  UnitPrice currency(18,2) !
  IsActive boolean !
  UseStandardPrice boolean !
  ProductCode string(255) r
  IsArchived boolean !r
OpportunityLineItem 00k OpportunityProducts dsw
  OpportunityId ref(Opportunity.OpportunityLineItems) !f
  SortOrder int r
  PricebookEntryId ref(PricebookEntry) f
  Product2Id ref(Product2) f
  ProductCode string(255) r
  Name string(376) rn
  Quantity double(10,2) !
  TotalPrice currency(18,2)
  UnitPrice currency(18,2)
  ListPrice currency(18,2) r
  Discount percent(3,2)
  ServiceDate date
  Description string(255)
OpportunityContactRole 00K OpportunityContactRoles dsw
  OpportunityId ref(Opportunity.OpportunityContactRoles) !f
  ContactId ref(Contact.OpportunityContactRoles) !
  Role picklist | Business User;Decision Maker;Economic Buyer;Evaluator;Executive Sponsor;Influencer;Other
  IsPrimary boolean !
OpportunityHistory 008 OpportunityHistory dm
  OpportunityId ref(Opportunity.OpportunityHistories) !r
  CreatedById ref(User) !r
  CreatedDate datetime !r
  StageName picklist !r
  Amount currency(18,2) r
  ExpectedRevenue currency(18,2) r
  CloseDate date r
  Probability percent(3,0) r
  ForecastCategory picklist r
  FromForecastCategory picklist r
  PrevAmount currency(18,2) r
  PrevCloseDate date r
OpportunityCompetitor 00J OpportunityCompetitors dsw
  OpportunityId ref(Opportunity.OpportunityCompetitors) !f
  CompetitorName string(40)
  Strengths textarea(1000)
  Weaknesses textarea(1000)
Partner 00I Partners dsw
  OpportunityId ref(Opportunity) f
  AccountFromId ref(Account.PartnersFrom) f
  AccountToId ref(Account.PartnersTo) !f
  Role picklist | System Integrator;Agency;Advertiser;VAR/Reseller;Distributor;Developer;Broker;Lender
  IsPrimary boolean !
  ReversePartnerId ref(Partner) r
AccountContactRole 02Z AccountContactRoles dsw
  AccountId ref(Account.AccountContactRoles) !
  ContactId ref(Contact.AccountContactRoles) !
  Role picklist | Business User;Decision Maker;Economic Buyer;Evaluator;Executive Sponsor;Influencer;Other
  IsPrimary boolean !
CampaignMemberStatus 01Y CampaignMemberStatuses dsw
  CampaignId ref(Campaign.CampaignMemberStatuses) !f
  Label string(255) !n
  SortOrder int
  IsDefault boolean !
  HasResponded boolean !
Contract 800 Contracts dsow
  AccountId ref(Account.Contracts) !
  Pricebook2Id ref(Pricebook2)
  OwnerExpirationNotice picklist | 15;30;45;60;90;120
  StartDate date
  EndDate date r
  BillingStreet textarea(255)
  BillingCity string(40)
  BillingState string(80)
  BillingPostalCode string(20)
  BillingCountry string(80)
  ContractTerm int
  Status picklist ! =Draft | In Approval Process;Activated;Draft
  CompanySignedId ref(User)
  CompanySignedDate date
  CustomerSignedId ref(Contact.ContractsSigned)
  CustomerSignedTitle string(40)
  CustomerSignedDate date
  SpecialTerms textarea(4000)
  ActivatedById ref(User)
  ActivatedDate datetime
  StatusCode picklist !r =Draft | Draft;InApproval;Activated
  Description textarea(32000)
  Name string(80)
  ContractNumber string(30) rn
  LastApprovedDate datetime r
  LastActivityDate date r
  LastViewedDate datetime r
  LastReferencedDate datetime r
ContractContactRole 02a ContractContactRoles dsw
  ContractId ref(Contract.ContractContactRoles) !f
  ContactId ref(Contact.ContractContactRoles) !
  Role picklist | Business User;Decision Maker;Economic Buyer;Evaluator;Executive Sponsor;Influencer;Other
  IsPrimary boolean !
Order 801 Orders dsOw
  ContractId ref(Contract.Orders)
  AccountId ref(Account.Orders)
  Pricebook2Id ref(Pricebook2)
  OriginalOrderId ref(Order.Orders) f
  OpportunityId ref(Opportunity.Orders)
  EffectiveDate date !
  EndDate date
  IsReductionOrder boolean !f
  Status picklist ! =Draft | Draft;Activated
  Description textarea(32000)
  CustomerAuthorizedById ref(Contact)
  CustomerAuthorizedDate date
  CompanyAuthorizedById ref(User)
  CompanyAuthorizedDate date
  Type picklist
  BillingStreet textarea(255)
  BillingCity string(40)
  BillingState string(80)
  BillingPostalCode string(20)
  BillingCountry string(80)
  ShippingStreet textarea(255)
  ShippingCity string(40)
  ShippingState string(80)
  ShippingPostalCode string(20)
  ShippingCountry string(80)
  Name string(80)
  PoDate date
  PoNumber string(80)
  OrderReferenceNumber string(80)
  BillToContactId ref(Contact)
  ShipToContactId ref(Contact)
  ActivatedDate datetime
  ActivatedById ref(User)
  StatusCode picklist !r =Draft | Draft;Activated;Canceled;Expired
  OrderNumber string(30) rn
  TotalAmount currency(16,2) r
  LastViewedDate datetime r
  LastReferencedDate datetime r
OrderItem 802 OrderProducts dsw
  Product2Id ref(Product2) f
  OrderId ref(Order.OrderItems) !f
  PricebookEntryId ref(PricebookEntry) f
  OriginalOrderItemId ref(OrderItem) f
  AvailableQuantity double(16,2) r
  Quantity double(16,2) !
  UnitPrice currency(16,2)
  ListPrice currency(16,2)
  TotalPrice currency(16,2) r
  ServiceDate date
  EndDate date
  Description string(255)
  OrderItemNumber string(30) rn
Asset 02i Assets dsow
  ContactId ref(Contact.Assets)
  AccountId ref(Account.Assets)
  ParentId ref(Asset.ChildAssets)
  RootAssetId ref(Asset) r
  Product2Id ref(Product2.Assets)
  ProductCode string(255) r
  IsCompetitorProduct boolean !
  Name string(255) !n
  SerialNumber string(80)
  InstallDate date
  PurchaseDate date
  UsageEndDate date
  LifecycleStartDate datetime
  LifecycleEndDate datetime
  Status picklist | Purchased;Shipped;Installed;Registered;Obsolete
  Price currency(16,2)
  Quantity double(16,2)
  Description textarea(32000)
  AssetProvidedById ref(Account)
  AssetServicedById ref(Account)
  IsInternal boolean !
  StockKeepingUnit string(180) r
  LastViewedDate datetime r
  LastReferencedDate datetime r
"""
