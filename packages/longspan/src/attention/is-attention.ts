import type { Attention } from "./mechanism.js";

/** Whether a value is a mechanism, and not the function that makes one or a function of q, k and v alone. */
export function isAttention(value: unknown): value is Attention {
	return typeof value === "function" && typeof (value as Partial<Attention>).startDecoding === "function";
}
