// jsforce, unmodified, does a whole sync against the practice org: `node drive.mjs URL`. Prints what it saw as JSON.
import jsforce from "jsforce";

const url = process.argv[2];
const seen = {};

// Sign in, in every way that jsforce knows.
const soap = new jsforce.Connection({ loginUrl: url, instanceUrl: url, version: "59.0" });
const user = await soap.login("someone@ourfirm.example", "secret");
seen.soap = [user.id.slice(0, 3), user.organizationId.slice(0, 3), soap.instanceUrl === url];
const oauth = new jsforce.Connection({ oauth2: { loginUrl: url, clientId: "id", clientSecret: "secret" }, version: "59.0" });
await oauth.authorize({ grant_type: "client_credentials" });
seen.identity = (await oauth.identity()).user_id.slice(0, 3);
let refused = "";
try {
  await new jsforce.Connection({ loginUrl: url, version: "59.0" }).login("invalid@ourfirm.example", "secret");
} catch (error) {
  refused = error.message.split(":")[0];
}
seen.refused = refused;
const refreshed = new jsforce.Connection({
  instanceUrl: url,
  accessToken: "expired",
  refreshToken: "refresh",
  oauth2: { loginUrl: url, clientId: "id", clientSecret: "secret" },
  version: "59.0",
});
seen.refresh = (await refreshed.query("SELECT COUNT() FROM Lead")).totalSize > 0;

const conn = new jsforce.Connection({ instanceUrl: url, accessToken: "00Dpractice!token", version: "59.0" });
const off = { headers: { "Sforce-Auto-Assign": "FALSE" } };

// Query with paging, and the finder.
const all = await conn.query("SELECT Id, Name, Owner.Name FROM Lead ORDER BY Id", { autoFetch: true, maxFetch: 10000 });
seen.paged = [all.totalSize, all.records.length, new Set(all.records.map((record) => record.Id)).size];
const first = await conn.query("SELECT Id FROM Lead ORDER BY Id");
const rest = await conn.queryMore(first.nextRecordsUrl);
seen.more = first.records.length + rest.records.length;
seen.everything = (await conn.query("SELECT Id FROM Task LIMIT 5", { scanAll: true })).records.length;
const found = await conn.sobject("Lead").find({ IsConverted: false, Email: { $ne: null } }, ["Id", "Status", "OwnerId"]).limit(5).execute();
seen.found = found.length;
seen.grouped = (await conn.query("SELECT Status, COUNT(Id) n FROM Lead GROUP BY Status")).records.every((row) => row.n > 0);

// Describe.
const describe = await conn.sobject("Lead").describe();
seen.describe = [describe.keyPrefix, describe.fields.some((field) => field.name === "Status" && field.picklistValues.length > 5)];
seen.global = (await conn.describeGlobal()).sobjects.length > 10;
seen.versions = (await conn.request("/services/data")).length > 5;

// Rows: create, retrieve, update, upsert, delete; collections.
const made = await conn.sobject("Lead").create({ LastName: "Zoë", Company: "C" }, off);
seen.created = made.success;
await conn.sobject("Lead").update({ Id: made.id, Status: "Sales Accepted" }, off);
seen.retrieved = (await conn.sobject("Lead").retrieve(made.id)).Status;
const upserts = [];
for (const company of ["D", "E"]) {
  const result = await conn.sobject("Lead").upsert({ Ext_Id__c: "js-1", LastName: "U", Company: company }, "Ext_Id__c", off);
  upserts.push(result.success);
}
seen.upserts = upserts;
const many = await conn.sobject("Lead").create([1, 2, 3].map((n) => ({ LastName: `M${n}`, Company: "C" })), off);
seen.collection = many.map((each) => each.success);
const updates = await conn.sobject("Lead").update([{ Id: many[0].id, Status: "X" }, { Id: "00QKp0000000ZZZ", Status: "X" }], { ...off, allOrNone: false });
seen.partial = updates.map((each) => each.success);
seen.read = (await conn.sobject("Lead").retrieve(many.map((each) => each.id))).map((each) => each.LastName);
seen.destroyed = (await conn.sobject("Lead").destroy(many.map((each) => each.id))).map((each) => each.success);
await conn.sobject("Lead").destroy(made.id);
let gone = "";
try {
  await conn.sobject("Lead").retrieve(made.id);
} catch (error) {
  gone = error.errorCode;
}
seen.gone = gone;
const raw = await conn.request({
  method: "POST",
  url: "/services/data/v59.0/composite",
  headers: { "content-type": "application/json" },
  body: JSON.stringify({
    compositeRequest: [{ method: "GET", url: `/services/data/v59.0/sobjects/Lead/${all.records[0].Id}`, referenceId: "one" }],
  }),
});
seen.composite = raw.compositeResponse[0].httpStatusCode;

// Bulk API 2.0.
conn.bulk2.pollInterval = 50;
const stream = await conn.bulk2.query("SELECT Id, Name FROM Lead", { pollInterval: 50, pollTimeout: 20000 });
const rows = await stream.toArray();
seen.bulkQuery = rows.length === all.totalSize + 1;
const job = await conn.bulk2.loadAndWaitForResults({
  object: "Lead",
  operation: "update",
  input: [
    { Id: all.records[0].Id, Description: "from bulk, \"quoted\"\nand broken", Title: "#N/A" },
    { Id: "00QKp0000000ZZZ", Description: "x", Title: "y" },
  ],
  pollInterval: 50,
  pollTimeout: 20000,
});
seen.bulkIngest = [job.successfulResults.length, job.failedResults.length, job.unprocessedRecords.length];
seen.bulkValue = (await conn.sobject("Lead").retrieve(all.records[0].Id)).Description;

// Replication, limits, user info.
const now = Date.now();
const updated = await conn.sobject("Lead").updated(new Date(now - 3600e3), new Date(now + 120e3));
seen.updated = updated.ids.includes(all.records[0].Id);
const deleted = await conn.sobject("Lead").deleted(new Date(now - 3600e3), new Date(now + 120e3));
seen.deleted = deleted.deletedRecords.some((record) => record.id === made.id);
seen.limits = (await conn.limits()).DailyApiRequests.Max > 0;
seen.usage = conn.limitInfo.apiUsage.used > 0;

console.log(JSON.stringify(seen));
