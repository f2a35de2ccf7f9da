import { checkNumber } from "../ops/operands.js";

/** Checks `top_k`, of which null means all; returns how many are wanted. */
export function topKOf(name: string, value: number | null): number {
	if (value === null) return Number.POSITIVE_INFINITY;
	checkNumber(name, "top_k", value, { min: 1, integer: true });
	return value;
}
