import { useQueryClient } from "@tanstack/react-query";
import { api } from "../../api.ts";
import { useSend } from "../../app/useSend.ts";
import { useServer } from "../../app/useServer.ts";
import { Button } from "../../ui/Button.tsx";
import { ErrorNotice } from "../../ui/ErrorNotice.tsx";
import { Form } from "../../ui/Form.tsx";
import { Section } from "../../ui/Section.tsx";
import { TextField } from "../../ui/TextField.tsx";
import { CopyButton } from "../picture/CopyButton.tsx";
import { fieldProblem } from "../session/fieldProblem.ts";

/** Lets a machine run steps: its token is shown this once. */
export function NewWorker({ pools }: { pools: readonly string[] }) {
	const queries = useQueryClient();
	const server = useServer();
	const create = useSend({
		mutationFn: (worker: { name: string; pools: string[] }) => api.workers.create(worker),
		onSuccess: () => queries.invalidateQueries({ queryKey: ["workers"] }),
	});
	const command = `GLASSWORKS_WORKER_TOKEN=${create.data?.token} glassworks worker --server ${server.data?.api_url ?? window.location.origin}`;
	return (
		<Section title="Let a machine in" note="It needs nothing but this server's address and a token">
			<Form
				label="Let a machine in"
				className="grid items-start gap-4 sm:grid-cols-[minmax(0,16rem)_minmax(0,16rem)_auto] sm:justify-start"
				onSubmit={({ name = "", pools: text = "" }) => create.mutate({ name, pools: text.split(/[\s,]+/).filter(Boolean) })}
			>
				<TextField label="Name" name="name" required maxLength={100} problem={fieldProblem(create.error, "name")} />
				<TextField
					key={pools.join()}
					label="Pools"
					name="pools"
					required
					defaultValue={pools.join(", ")}
					problem={fieldProblem(create.error, "pools")}
				/>
				<Button submit className="min-h-11 sm:mt-[1.625rem]" disabled={create.isPending}>
					Make a token
				</Button>
			</Form>
			<ErrorNotice error={create.error} fields={["name", "pools"]} />
			{create.data && (
				<div role="status" className="grid gap-1 rounded-lg bg-cool-wash p-3 text-sm">
					<p>Run this on the machine. The token is shown this once.</p>
					<p className="flex items-start gap-2 font-mono text-[13px] break-all">
						{command}
						<CopyButton label="Copy the command" text={command} />
					</p>
				</div>
			)}
		</Section>
	);
}
