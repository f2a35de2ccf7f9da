import { type EtcAttentionOptions, etcAttention } from "../../attention/etc/drop-in.js";
import { etcAttentionReference } from "../../attention/etc/drop-in-reference.js";
import type { MechanismCase } from "../mechanism-case.js";

function caseOf(name: string, options: EtcAttentionOptions): MechanismCase {
	return {
		name,
		attend: etcAttention(options),
		reference: (q, k, v, keyMask) => etcAttentionReference(q, k, v, { ...options, keyMask }),
		cross: false,
	};
}

export const etcCases: readonly MechanismCase[] = [
	caseOf("etc 20, 7 global", { radius: 20, globalTokens: 7 }),
	caseOf("etc 3, 130 global, scaled", { radius: 3, globalTokens: 130, scale: 0.2 }),
];
