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
 * @throws OptionError if the attention has no form for this length, saying why of both where the reasons differ
 */
export function formOf({ create }: Pick<AttentionChoice, "create">, causal: boolean, length: number): AttentionForm {
	const own = attempt(create, causal, length);
	if (own instanceof Error) {
		const other = attempt(create, !causal, length);
		if (!(other instanceof Error)) {
			const what = causal ? "no causal form; runs to both sides" : "no form to both sides; runs causal";
			return { attention: other, note: `${what} (${own.message})` };
		}
		if (other.message === own.message) throw own;
		const [oneSided, bothSided] = causal ? [own, other] : [other, own];
		throw new OptionError(`causal: ${oneSided.message}; to both sides: ${bothSided.message}`);
	}
	return { attention: own, note: null };
}

/** The attention, or the error with which it refuses. */
function attempt(
	create: AttentionChoice["create"],
	causal: boolean,
	length: number,
): Attention | OptionError | ShapeError {
	try {
		return create(causal, length);
	} catch (error) {
		if (!isRefusal(error)) throw error;
		return error;
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
