// What jsforce 1 and nforce read and write, printed as one JSON object for the test to judge.
import { createRequire } from 'node:module'

const require = createRequire(import.meta.url)
const jsforce = require('jsforce')
const nforce = require('nforce')
const url = process.argv[2]
const found = {}

const signed = new jsforce.Connection({ loginUrl: url, version: '58.0' })
const user = await signed.login('somebody@ourfirm.example', 'word')
found.login = [user.id.slice(0, 3), signed.instanceUrl === url]

const connection = new jsforce.Connection({ instanceUrl: url, accessToken: 'token', version: '58.0' })
found.identity = (await connection.identity()).username
let page = await connection.query('SELECT Id FROM Task')
let tasks = page.records.length
while (!page.done) {
  page = await connection.queryMore(page.nextRecordsUrl)
  tasks += page.records.length
}
found.tasks = [tasks, page.totalSize]
const names = (await connection.describeGlobal()).sobjects.map((each) => each.name)
found.objects = ['Lead', 'LeadHistory', 'Case', 'Contract', 'Product2', 'OpportunityStage'].every((each) =>
  names.includes(each)
)
const made = await connection.sobject('Case').create({ Subject: 'Broken' })
await connection.sobject('Case').update({ Id: made.id, Priority: 'High' })
const read = await connection.sobject('Case').retrieve(made.id)
found.case = [read.Subject, read.Priority, read.Status, (await connection.sobject('Case').destroy(made.id)).success]
found.usage = connection.limitInfo.apiUsage.limit

const org = nforce.createConnection({
  clientId: 'app',
  clientSecret: 'secret',
  redirectUri: 'http://127.0.0.1/',
  loginUri: `${url}/services/oauth2/token`,
  apiVersion: 'v58.0',
  mode: 'single',
})
await org.authenticate({ username: 'somebody@ourfirm.example', password: 'word' })
found.nforce = [
  (await org.query({ query: 'SELECT Id FROM Lead', fetchAll: true })).records.length,
  (await org.getDescribe({ type: 'Contract' })).name,
  (await org.getIdentity()).username,
]

console.log(JSON.stringify(found))
