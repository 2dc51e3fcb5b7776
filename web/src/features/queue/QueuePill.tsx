import { queueInWords } from "./queueInWords.ts";
import { useQueue } from "./useQueue.ts";

export function QueuePill() {
	const queue = useQueue();
	if (queue.isError) return <Pill dot="bg-alarm-ink" text="Offline" title="The server does not answer." />;
	if (!queue.data) return null;
	const { short, long, isBlocked } = queueInWords(queue.data);
	return <Pill dot={isBlocked ? "bg-alarm-ink" : short === "Idle" ? "bg-cool" : "bg-ember"} text={short} title={long} />;
}

function Pill({ dot, text, title }: { dot: string; text: string; title: string }) {
	return (
		<span
			title={title}
			className="flex items-center gap-2 rounded-full border border-line px-3 py-1 text-[13px] whitespace-nowrap text-ink-soft"
		>
			<span className={`size-2 rounded-full ${dot}`} />
			<span className="sr-only">Queue: </span>
			{text}
		</span>
	);
}
