import { type Attention, growthExponent } from "longspan";
import { isRefusal } from "../attentions/form.js";
import type { CostAtLength, InspectResult } from "./result.js";

const doublings = 5;

/** What calls cost at a length and its doubles, and how that grows. */
export function costTable(
	at: (length: number) => Attention,
	length: number,
	sizes: { heads: number; headDim: number },
): Pick<InspectResult, "costs" | "refused" | "growth"> {
	const costs: CostAtLength[] = [];
	const refused: { n: number; reason: string }[] = [];
	for (let n = length; n < length * 2 ** doublings; n *= 2) {
		try {
			costs.push({ n, ...at(n).cost(n, sizes) });
		} catch (error) {
			if (!isRefusal(error)) throw error;
			refused.push({ n, reason: error.message });
		}
	}
	const exponent = (field: "flops" | "tiles" | "bytes") =>
		growthExponent(costs.map((cost) => ({ n: cost.n, value: cost[field] })));
	return { costs, refused, growth: { flops: exponent("flops"), tiles: exponent("tiles"), bytes: exponent("bytes") } };
}
