import type { Workflow } from "../workflows/workflow.ts";
import type { GenerationRequest } from "./generationRequest.ts";
import { unsupported } from "./unsupported.ts";

/** Refuses pictures that the workflow has no use for, lacks, or that do not fit each other. @throws {GlassworksError} unsupported_by_model */
export function checkPictures({ image, mask }: GenerationRequest, workflow: Workflow): void {
	const repaints = workflow.steps.some((step) => step.kind === "inpaint");
	if (repaints && !image) throw unsupported(["image"], `the workflow ${workflow.slug} needs a picture`);
	if (repaints && !mask) throw unsupported(["mask"], `the workflow ${workflow.slug} needs a mask, white where to repaint`);
	if (!repaints && mask) throw unsupported(["mask"], `the workflow ${workflow.slug} takes no mask; leave workflow out or use "inpaint"`);
}
