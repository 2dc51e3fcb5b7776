import type { AuditPage } from "@glassworks/sdk";
import { useState } from "react";
import { api } from "../../api.ts";
import { usePagedList } from "../../app/usePagedList.ts";
import { moment } from "../../format/moment.ts";
import { Button } from "../../ui/Button.tsx";
import { DataTable } from "../../ui/DataTable.tsx";
import { Form } from "../../ui/Form.tsx";
import { ListStatus } from "../../ui/ListStatus.tsx";
import { MoreButton } from "../../ui/MoreButton.tsx";
import { Section } from "../../ui/Section.tsx";
import { TextField } from "../../ui/TextField.tsx";

type Entry = AuditPage["data"][number];

/** Who changed what, and who got in or tried to. */
export function AuditView() {
	const [filter, setFilter] = useState<Record<string, string>>({});
	const list = usePagedList(["audit", filter], (page) => api.audit.list({ limit: 50, ...filter, ...page }));
	return (
		<Section title="Audit log" note="Kept for good; names actions and ids, never prompts or secrets">
			<Form
				label="Look for"
				className="grid items-end gap-4 sm:grid-cols-[repeat(3,minmax(0,1fr))_auto]"
				onSubmit={(values) => setFilter(Object.fromEntries(Object.entries(values).filter(([, value]) => value !== "")))}
			>
				<TextField label="Account" name="tenant" placeholder="its id" />
				<TextField label="Action" name="action" placeholder="createKey" />
				<TextField label="Id it names" name="target" placeholder="of a key, a worker, ..." />
				<Button submit className="min-h-11">
					Look
				</Button>
			</Form>
			<ListStatus query={list} />
			{list.data && (
				<DataTable
					caption="Audit log"
					rows={list.rows}
					rowKey={({ id }) => id}
					empty="Nothing fits."
					columns={[
						{ head: "When", cell: ({ at }) => <span className="whitespace-nowrap">{moment(at)}</span> },
						{ head: "Action", cell: ({ action }) => action },
						{ head: "Outcome", cell: outcome },
						{ head: "Who", cell: ({ actor }) => <Id text={actor.id ?? actor.kind} /> },
						{ head: "Account", cell: ({ tenant_id: tenant }) => <Id text={tenant ?? "nobody's"} /> },
						{ head: "To", cell: ({ targets, made }) => <Id text={[...targets, ...made].join(" ")} /> },
						{ head: "From", cell: ({ network }) => <Id text={network ?? ""} /> },
					]}
				/>
			)}
			<MoreButton list={list} />
		</Section>
	);
}

function outcome({ outcome, code }: Entry) {
	return outcome === "done" ? "done" : <span className="text-alarm-ink">{code ?? outcome}</span>;
}

const Id = ({ text }: { text: string }) => <span className="font-mono text-[13px]">{text}</span>;
