/** The wire, named. Snake case, ISO 8601 times, money in integer micro-dollars. Generated from the server's own routes. */
import type { components, Json } from "./openapi.gen.ts";

type Schemas = components["schemas"];

export type { Json };
export type JsonObject = { [name: string]: Json };

export type CreateGeneration = Schemas["CreateGeneration"];
export type CreateEdit = Schemas["CreateEdit"];
export type EditQuote = Schemas["EditQuote"];
export type Quote = Schemas["Quote"];
export type SkippedStep = Quote["skipped"][number];
export type Job = Schemas["Job"];
export type JobStatus = Job["status"];
export type JobPage = Schemas["JobPage"];
export type JobEvent = Schemas["JobEvent"];
export type Image = Schemas["Image"];
export type Waiting = Schemas["Waiting"];
export type Asset = Schemas["Asset"];
export type Model = Schemas["Model"];
export type Workflow = Schemas["Workflow"];
export type WorkflowDetail = Schemas["WorkflowDetail"];
export type WorkflowPage = Schemas["WorkflowList"];
export type WorkflowInput = Workflow["inputs"][number];
export type CreateWorkflow = Schemas["CreateWorkflow"];
export type CheckedWorkflow = Schemas["CheckedWorkflow"];
export type ShareWorkflow = Schemas["ShareWorkflow"];
export type RunWorkflow = Schemas["RunWorkflow"];
export type Queue = Schemas["Queue"];
export type QueuePool = Schemas["QueuePool"];
export type Pool = Schemas["Pool"];
export type Session = Schemas["Session"];
export type Account = Schemas["Account"];
export type ApiKey = Schemas["ApiKey"];
export type ApiKeyPage = Schemas["ApiKeyList"];
export type CreateApiKey = Schemas["CreateApiKey"];
export type CreatedApiKey = Schemas["CreatedApiKey"];
export type UsagePage = Schemas["UsagePage"];
export type UsageRow = UsagePage["data"][number];
export type TenantsUsagePage = Schemas["TenantsUsagePage"];
export type CreateWebhook = Schemas["CreateWebhook"];
export type ChangeWebhook = Schemas["ChangeWebhook"];
export type Webhook = Schemas["Webhook"];
export type CreatedWebhook = Schemas["CreatedWebhook"];
export type WebhookPage = Schemas["WebhookPage"];
export type WebhookSecret = Schemas["WebhookSecret"];
export type WebhookDelivery = Schemas["WebhookDelivery"];
export type WebhookDeliveryPage = Schemas["WebhookDeliveryPage"];
