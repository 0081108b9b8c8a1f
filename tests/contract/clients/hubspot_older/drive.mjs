// What npm's hubspot (the v1 and v2 paths) reads and writes, printed as one JSON object for the test to judge.
import Hubspot from 'hubspot'

const client = new Hubspot({ accessToken: 'pat-na1-practice', baseUrl: process.argv[2] })
const found = {}

const everyone = []
for (let offset = 0, more = true; more; ) {
  const page = await client.contacts.get({ count: 100, vidOffset: offset, property: ['email'] })
  everyone.push(...page.contacts.map((each) => each.vid))
  offset = page['vid-offset']
  more = page['has-more']
}
found.contacts = [everyone.length, new Set(everyone).size]
found.recent = (await client.contacts.getRecentlyModified({ count: 50 })).contacts.length

const made = await client.contacts.create({ properties: [{ property: 'email', value: 'older@way.example' }] })
found.made = made.vid > 0
const change = { properties: [{ property: 'city', value: 'Bonn' }] }
found.upserted = (await client.contacts.createOrUpdate('older@way.example', change)).isNew
found.city = (await client.contacts.getByEmail('older@way.example')).properties.city.value
found.searched = (await client.contacts.search('older@way')).total
await client.contacts.delete(made.vid)
found.gone = await client.contacts.getById(made.vid).then(() => 200, (error) => error.statusCode)

let engagements = 0
for (let offset = 0, more = true; more; ) {
  const page = await client.engagements.get({ limit: 250, offset })
  engagements += page.results.length
  offset = page.offset
  more = page.hasMore
}
found.engagements = engagements
found.owners = (await client.owners.get()).length
found.stages = (await client.pipelines.get({ objectType: 'deals' }))[0].stages.length
found.properties = [
  (await client.contacts.properties.getByName('email')).type,
  (await client.deals.properties.get()).length > 10,
  (await client.companies.properties.get()).length > 10,
]
found.forms = (await client.forms.getAll('v2')).length > 0
found.account = (await client.integrations.getAccountDetails()).portalId
found.limit = (await client.getApiLimit()).usageLimit
found.none = [
  (await client.deals.get()).deals,
  (await client.companies.get()).companies,
  (await client.tickets.getAll()).objects,
  (await client.lists.get()).lists,
  (await client.workflows.getAll()).workflows,
  (await client.campaigns.get()).campaigns,
  (await client.subscriptions.get()).timeline,
  (await client.marketingEmail.get({})).objects,
].map((each) => each.length)

console.log(JSON.stringify(found))
