import type { Status } from "@glassworks/sdk";
import { Link } from "react-router";
import { useBrand } from "../../app/useBrand.ts";
import { useTitle } from "../../app/useTitle.ts";
import { Wordmark } from "../../app/Wordmark.tsx";
import { adviceFor } from "../../format/advice.ts";
import { Button } from "../../ui/Button.tsx";
import { Notice } from "../../ui/Notice.tsx";
import { Section } from "../../ui/Section.tsx";
import { QueueFigures } from "../queue/QueueFigures.tsx";
import { useQueue } from "../queue/useQueue.ts";
import { Incidents } from "./Incidents.tsx";
import { Uptime } from "./Uptime.tsx";
import { useStatus } from "./useStatus.ts";
import { Coverage, Waits } from "./Waits.tsx";

/** How the service does, for whoever asks: nobody signs in here. */
export function StatusPage() {
	useTitle("Status");
	const status = useStatus();
	const queue = useQueue();
	const failed = status.isError ? adviceFor(status.error) : null;
	return (
		<div className="min-h-dvh">
			<header className="flex h-14 items-center justify-between border-b border-line px-4 lg:px-8">
				<Wordmark />
				<Link to="/" className="inline-flex min-h-10 items-center text-sm font-medium text-ember-ink underline underline-offset-4">
					Open the studio
				</Link>
			</header>
			<main className="mx-auto grid max-w-5xl min-w-0 gap-12 p-4 py-8 lg:p-8 lg:py-12">
				<State status={status.data} isDown={status.isError} />
				{failed && (
					<Notice title={failed.title} action={<Button onClick={() => void status.refetch()}>Try again</Button>}>
						The figures below are the last that came.
					</Notice>
				)}
				<QueueFigures queue={queue.data} />
				{status.data && (
					<>
						<Uptime status={status.data} />
						<Waits status={status.data} />
						<Section title="How true the ETAs came" note="An ETA names the time in which 8 of 10 jobs should end">
							<Coverage etas={status.data.etas} />
						</Section>
						<Incidents status={status.data} />
					</>
				)}
			</main>
		</div>
	);
}

function State({ status, isDown }: { status: Status | undefined; isDown: boolean }) {
	const { name } = useBrand();
	const [dot, headline, lead] = isDown
		? ["bg-alarm-ink", "The server does not answer", "What was accepted is kept, and goes on when it is back."]
		: !status
			? ["bg-line-strong", "Looking", "Asking the server how it is."]
			: status.state === "working"
				? ["bg-cool", "Pictures are being made", "Workers are connected and take what is asked for."]
				: ["bg-ember", "No worker takes work", "What is asked for is kept in line, and starts by itself when one is back."];
	return (
		<div className="grid gap-2">
			<p className="text-sm text-ink-soft">Status of {name}</p>
			<h1 className="flex items-baseline gap-4 text-3xl font-semibold tracking-tight text-balance sm:text-4xl">
				<span className={`size-3.5 shrink-0 -translate-y-0.5 rounded-full sm:size-4 ${dot}`} />
				{headline}
			</h1>
			<p className="text-ink-soft">{lead}</p>
		</div>
	);
}
