import { useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate } from "react-router";
import { api } from "../../api.ts";
import { usePagedList } from "../../app/usePagedList.ts";
import { useSend } from "../../app/useSend.ts";
import { moment } from "../../format/moment.ts";
import { DataTable } from "../../ui/DataTable.tsx";
import { ErrorNotice } from "../../ui/ErrorNotice.tsx";
import { Form } from "../../ui/Form.tsx";
import { HotButton } from "../../ui/HotButton.tsx";
import { ListStatus } from "../../ui/ListStatus.tsx";
import { MoreButton } from "../../ui/MoreButton.tsx";
import { Section } from "../../ui/Section.tsx";
import { TextField } from "../../ui/TextField.tsx";
import { fieldProblem } from "../session/fieldProblem.ts";
import { PlanSelect } from "./PlanSelect.tsx";

/** Every account, newest first. */
export function AccountsView() {
	const list = usePagedList(["tenants"], (page) => api.tenants.list({ limit: 50, ...page }));
	return (
		<div className="grid min-w-0 gap-10">
			<NewAccount />
			<Section title="Accounts">
				<ListStatus query={list} />
				{list.data && (
					<DataTable
						caption="Accounts"
						rows={list.rows}
						rowKey={({ id }) => id}
						empty="There are none."
						columns={[
							{
								head: "Account",
								cell: ({ id, name }) => (
									<Link to={`/operator/accounts/${id}`} className="inline-flex min-h-6 text-ember-ink underline underline-offset-4">
										{name}
									</Link>
								),
							},
							{ head: "Id", cell: ({ id }) => <span className="font-mono text-[13px]">{id}</span> },
							{ head: "Plan", cell: ({ plan }) => plan },
							{ head: "Pays", cell: ({ postpaid }) => (postpaid ? "afterwards" : "from credit") },
							{
								head: "State",
								cell: ({ deletion_asked_at: asked }) => (asked ? <span className="text-alarm-ink">deleted</span> : "open"),
							},
							{ head: "Made", isFigure: true, cell: ({ created_at: at }) => moment(at) },
						]}
					/>
				)}
				<MoreButton list={list} />
			</Section>
		</div>
	);
}

function NewAccount() {
	const queries = useQueryClient();
	const navigate = useNavigate();
	const create = useSend({
		mutationFn: (account: { name: string; plan: string }) => api.tenants.create(account),
		onSuccess: ({ id }) => {
			void queries.invalidateQueries({ queryKey: ["tenants"] });
			void navigate(`/operator/accounts/${id}`);
		},
	});
	return (
		<Section title="New account">
			<Form
				label="New account"
				className="grid items-start gap-4 sm:grid-cols-[minmax(0,20rem)_auto_auto] sm:justify-start"
				onSubmit={({ name = "", plan = "" }) => create.mutate({ name, plan })}
			>
				<TextField label="Name" name="name" required maxLength={100} problem={fieldProblem(create.error, "name")} />
				<PlanSelect label="Plan" name="plan" />
				<HotButton className="sm:mt-[1.625rem]" isBusy={create.isPending} busy="Making it">
					Make it
				</HotButton>
			</Form>
			<ErrorNotice error={create.error} fields={["name"]} />
		</Section>
	);
}
