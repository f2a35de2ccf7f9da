import { type Attention, normal, scope } from "longspan";
import { isRefusal } from "../attentions/form.js";
import type { DecodingState } from "./result.js";

const seed = 0;

/** Decodes random tokens to see what a session remembers after the first of them and after all. */
export function decodingState(
	create: () => Attention,
	{ length, heads, headDim }: { length: number; heads: number; headDim: number },
): DecodingState {
	try {
		const attention = create();
		const session = attention.startDecoding({ batch: 1, heads, headDim });
		try {
			const sizes = [1, length]
				.filter((tokens, index) => index === 0 || tokens > 1)
				.map((tokens) => {
					const more = tokens - session.position;
					scope(() => {
						const draw = (stream: number) => normal([1, heads, more, headDim], { seed, stream, step: tokens });
						const q = draw(0);
						session.append(q, attention.sharesQueryKey ? q : draw(1), draw(2));
					});
					return { tokens, bytes: session.stateBytes };
				});
			return { sizes, reason: null };
		} finally {
			session.dispose();
		}
	} catch (error) {
		if (!isRefusal(error)) throw error;
		return { sizes: [], reason: error.message };
	}
}
