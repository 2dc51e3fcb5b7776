import { useNavigate, useSearchParams } from "react-router";
import { keepForCreate } from "../create/useDraft.ts";
import { PendingTile } from "../jobs/PendingTile.tsx";
import { PictureTile } from "../jobs/PictureTile.tsx";
import { useJobsPolling, useJobsState } from "../jobs/useJobs.ts";
import { PictureDialog } from "../picture/PictureDialog.tsx";

const mostShown = 24;

/** What this workflow made lately, and what it is making. */
export function RunResults({ slug }: { slug: string }) {
	useJobsPolling();
	const { jobs } = useJobsState();
	const [search, setSearch] = useSearchParams();
	const navigate = useNavigate();
	const own = (jobs ?? []).filter((job) => job.workflow === slug).slice(0, mostShown);
	const show = (address: string | null) =>
		setSearch(
			(before) => {
				if (address === null) before.delete("picture");
				else before.set("picture", address);
				return before;
			},
			{ replace: true },
		);
	return (
		<section aria-label="Results" className="grid min-w-0 gap-3">
			<h2 className="text-base font-semibold">Results</h2>
			{own.length === 0 && (
				<p className="text-sm text-ink-soft">What you run appears here, first with its place in the line, then finished.</p>
			)}
			<ul className="grid grid-cols-2 gap-3 sm:grid-cols-[repeat(auto-fill,minmax(12rem,1fr))]">
				{own.flatMap((job) =>
					job.images.map((image) => (
						<li key={`${job.id}/${image.n}`} className="min-w-0">
							{image.status === "succeeded" ? (
								<PictureTile job={job} image={image} onOpen={() => show(`${job.id}.${image.n}`)} />
							) : (
								<PendingTile job={job} image={image} isFirst={image.n === 0} />
							)}
						</li>
					)),
				)}
			</ul>
			<PictureDialog
				address={search.get("picture")}
				order={own.flatMap((job) => job.images.flatMap(({ n, status }) => (status === "succeeded" ? [`${job.id}.${n}`] : [])))}
				onMove={show}
				onClose={() => show(null)}
				onUse={(changes) => {
					keepForCreate(changes);
					void navigate("/");
				}}
			/>
		</section>
	);
}
