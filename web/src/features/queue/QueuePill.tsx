import { Link } from "react-router";
import { queueInWords } from "./queueInWords.ts";
import { useQueue } from "./useQueue.ts";

/** The queue in a word, on every page; opens the whole of it. */
export function QueuePill() {
	const queue = useQueue();
	if (queue.isError) return <Pill dot="bg-alarm-ink" text="Offline" title="The server does not answer." />;
	if (!queue.data) return null;
	const { short, long, isBlocked } = queueInWords(queue.data);
	return <Pill dot={isBlocked ? "bg-alarm-ink" : short === "Idle" ? "bg-cool" : "bg-ember"} text={short} title={long} />;
}

function Pill({ dot, text, title }: { dot: string; text: string; title: string }) {
	return (
		<Link
			to="/queue"
			title={title}
			className="flex min-h-10 items-center gap-2 rounded-full border border-line px-3 text-[13px] whitespace-nowrap text-ink-soft hover:border-line-strong hover:text-ink"
		>
			<span className={`size-2 rounded-full ${dot}`} />
			<span className="sr-only">Queue: </span>
			{text}
		</Link>
	);
}
