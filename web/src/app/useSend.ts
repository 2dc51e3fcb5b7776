import { type UseMutationOptions, type UseMutationResult, useMutation } from "@tanstack/react-query";
import { useRef } from "react";

/**
 * A mutation that is not started again while it runs, for what costs or makes something: the second of two quick clicks comes before the page
 * shows that the first was heard.
 */
export function useSend<Answer, Variables = void>(
	options: UseMutationOptions<Answer, Error, Variables>,
): UseMutationResult<Answer, Error, Variables> {
	const isRunning = useRef(false);
	const mutation = useMutation({
		...options,
		onSettled: (...settled) => {
			isRunning.current = false;
			return options.onSettled?.(...settled);
		},
	});
	const mutate: typeof mutation.mutate = (...asked) => {
		if (isRunning.current) return;
		isRunning.current = true;
		mutation.mutate(...asked);
	};
	return { ...mutation, mutate };
}
