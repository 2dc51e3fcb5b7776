import { adviceFor } from "../../format/advice.ts";
import { Button } from "../../ui/Button.tsx";
import { Notice } from "../../ui/Notice.tsx";
import { PageHead } from "../../ui/PageHead.tsx";
import { EndedJobs } from "./EndedJobs.tsx";
import { Fleet } from "./Fleet.tsx";
import { Lines } from "./Lines.tsx";
import { OpenJobs } from "./OpenJobs.tsx";
import { QueueFigures } from "./QueueFigures.tsx";
import { queueInWords } from "./queueInWords.ts";
import { useQueue } from "./useQueue.ts";

/** Where everything stands: one's own pictures first, then everybody's line and the machines. */
export function QueuePage() {
	const queue = useQueue(2_000);
	const failed = queue.isError ? adviceFor(queue.error) : null;
	return (
		<div className="mx-auto grid w-full max-w-7xl min-w-0 gap-10 p-4 lg:p-8">
			<PageHead title="Queue" lead={queue.data ? queueInWords(queue.data).long : "Looking"} />
			{failed && (
				<Notice title={failed.title} action={<Button onClick={() => void queue.refetch()}>Try again</Button>}>
					{failed.advice}
				</Notice>
			)}
			<QueueFigures queue={queue.data} />
			<OpenJobs />
			<Fleet queue={queue.data} isLoading={queue.isPending} />
			<Lines queue={queue.data} />
			<EndedJobs />
		</div>
	);
}
