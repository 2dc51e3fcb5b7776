import type { Webhook } from "@glassworks/sdk";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Link, useNavigate, useParams } from "react-router";
import { api } from "../../api.ts";
import { moment } from "../../format/moment.ts";
import { Button } from "../../ui/Button.tsx";
import { Dialog } from "../../ui/Dialog.tsx";
import { ErrorNotice } from "../../ui/ErrorNotice.tsx";
import { Skeleton } from "../../ui/Skeleton.tsx";
import { CopyButton } from "../picture/CopyButton.tsx";
import { Deliveries } from "./Deliveries.tsx";
import { WebhookForm } from "./WebhookForm.tsx";
import { standing } from "./WebhooksPart.tsx";

export function WebhookView() {
	const { id = "" } = useParams();
	const webhook = useQuery({ queryKey: ["webhooks", "one", id], queryFn: ({ signal }) => api.webhooks.get(id, { signal }) });
	return (
		<>
			<Link to="/developers/webhooks" className="w-fit text-sm text-ink-soft underline underline-offset-4 hover:text-ink">
				All webhooks
			</Link>
			<ErrorNotice error={webhook.error} onRetry={() => void webhook.refetch()} />
			{webhook.isPending && <Skeleton rows={2} className="h-16" />}
			{webhook.data && <About webhook={webhook.data} />}
			{webhook.data && <Secret id={id} />}
			{webhook.data && <Deliveries title="Deliveries" webhook={id} />}
		</>
	);
}

function About({ webhook }: { webhook: Webhook }) {
	const queries = useQueryClient();
	const navigate = useNavigate();
	const [open, setOpen] = useState<"change" | "remove" | null>(null);
	const refresh = () => queries.invalidateQueries({ queryKey: ["webhooks"] });
	const test = useMutation({ mutationFn: () => api.webhooks.test(webhook.id), onSuccess: refresh });
	const flip = useMutation({ mutationFn: () => api.webhooks.change(webhook.id, { enabled: !webhook.enabled }), onSuccess: refresh });
	const remove = useMutation({
		mutationFn: () => api.webhooks.remove(webhook.id),
		onSuccess: async () => {
			await navigate("/developers/webhooks");
			void refresh();
		},
	});
	return (
		<section aria-label="Webhook" className="grid gap-4">
			<div className="grid gap-1">
				<h2 className="font-mono text-lg font-medium break-all">{webhook.url}</h2>
				<p className="text-sm text-ink-soft">{standing(webhook)}</p>
			</div>
			<div className="flex flex-wrap gap-2">
				<Button disabled={!webhook.enabled || test.isPending} onClick={() => test.mutate()}>
					Send a test
				</Button>
				<Button onClick={() => setOpen("change")}>Change</Button>
				<Button disabled={flip.isPending} onClick={() => flip.mutate()}>
					{webhook.enabled ? "Switch off" : "Switch on"}
				</Button>
				<Button onClick={() => setOpen("remove")}>Remove</Button>
			</div>
			<ErrorNotice error={test.error ?? flip.error} />
			{open === "change" && <WebhookForm webhook={webhook} onClose={() => setOpen(null)} />}
			{open === "remove" && (
				<Dialog title="Remove the webhook?" onClose={() => setOpen(null)}>
					<p className="text-ink-soft">Nothing more is sent to it, and the list of what was sent goes with it.</p>
					<ErrorNotice error={remove.error} />
					<div className="flex justify-end gap-2">
						<Button onClick={() => setOpen(null)}>Not now</Button>
						<Button className="border-ember-ink text-ember-ink" disabled={remove.isPending} onClick={() => remove.mutate()}>
							Remove
						</Button>
					</div>
				</Dialog>
			)}
		</section>
	);
}

/** Asked for only when it is to be seen: reading it is kept in the audit log. */
function Secret({ id }: { id: string }) {
	const read = useMutation({ mutationFn: () => api.webhooks.secret(id) });
	const rotate = useMutation({ mutationFn: () => api.webhooks.rotateSecret(id) });
	const secret = rotate.data ?? read.data;
	return (
		<section aria-label="Signing secret" className="grid gap-2">
			<h2 className="text-base font-semibold">Signing secret</h2>
			{secret && (
				<div className="flex items-center gap-2">
					<output aria-label="Signing secret" className="min-w-0 font-mono text-sm break-all">
						{secret.secret}
					</output>
					<CopyButton label="Copy the secret" text={secret.secret} />
				</div>
			)}
			{secret?.previous_until && <p className="text-sm text-ink-soft">The one before signs too until {moment(secret.previous_until)}.</p>}
			<div className="flex flex-wrap gap-2">
				{!secret && (
					<Button disabled={read.isPending} onClick={() => read.mutate()}>
						Show it
					</Button>
				)}
				<Button disabled={rotate.isPending} onClick={() => rotate.mutate()}>
					Make a new one
				</Button>
			</div>
			<p className="max-w-prose text-[13px] leading-snug text-ink-faint">
				A new one signs beside the old one for a day: time to give it to your receiver.
			</p>
			<ErrorNotice error={read.error ?? rotate.error} />
		</section>
	);
}
