import { type Attention, OptionError, ShapeError } from "longspan";
import type { AttentionChoice } from "./choices.js";

/** An attention as it can be had for a length. */
export interface AttentionForm {
	readonly attention: Attention;
	/** Why it is not of the causality asked for; null if it is. */
	readonly note: string | null;
}

/**
 * The form of a causality for a length, or the other form where there is only that.
 *
 * @throws OptionError if the attention has no form for this length
 */
export function formOf({ create }: Pick<AttentionChoice, "create">, causal: boolean, length: number): AttentionForm {
	try {
		return { attention: create(causal, length), note: null };
	} catch (error) {
		if (!isRefusal(error)) throw error;
		const other = otherForm(create, !causal, length);
		if (!other) throw error;
		const note = `${causal ? "no causal form; runs to both sides" : "no form to both sides; runs causal"} (${error.message})`;
		return { attention: other, note };
	}
}

function otherForm(create: AttentionChoice["create"], causal: boolean, length: number): Attention | null {
	try {
		return create(causal, length);
	} catch (error) {
		if (!isRefusal(error)) throw error;
		return null;
	}
}

/** Whether an error says that an attention cannot take its options or the sizes it was given. */
export function isRefusal(error: unknown): error is OptionError | ShapeError {
	return error instanceof OptionError || error instanceof ShapeError;
}

/** What is told of an attention at a length it refuses. */
export function refusalText({ message }: Error): string {
	return `not for this length: ${message}`;
}
