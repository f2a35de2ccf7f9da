import { type RetentionCallOptions, retention } from "../../attention/retention/index.js";
import { type SsdCallOptions, ssd } from "../../attention/ssd/index.js";
import { ssdReference } from "../../attention/ssd/reference.js";
import { broadcastTo } from "../../ops/broadcast.js";
import { reshape } from "../../ops/reshape.js";
import { neg, softplus } from "../../ops/unary.js";
import { filled, tensor } from "../../tensor/create.js";
import type { Tensor } from "../../tensor/tensor.js";
import type { GoldenRuns } from "../golden-run.js";
import type { ExtraInputs, MechanismCase } from "../mechanism-case.js";

/** Decays of a random strength, which must be at most 0. */
const decayOf = ({ strength }: ExtraInputs) => neg(softplus(strength as Tensor));

/** log gamma [heads] at every position of q. */
function constantDecay(q: Tensor, logDecay: Tensor): Tensor {
	const [batch, heads, length] = q.shape as [number, number, number];
	return broadcastTo(reshape(logDecay, [1, heads, 1]), [batch, heads, length]);
}

const defaultDecay = (q: Tensor) =>
	tensor(
		Float64Array.from({ length: q.shape[1] as number }, (_, head) => Math.log(1 - 2 ** (-5 - head))),
		[q.shape[1] as number],
		q.device,
	);

export const ssdCases: readonly MechanismCase[] = [
	{
		name: "SSD without decay",
		attend: ssd({ scale: 0.25 }),
		reference: (q, k, v, keyMask) => ssdReference(q, k, v, { keyMask, scale: 0.25 }),
		cross: false,
	},
	{
		name: "SSD with a constant decay",
		attend: ssd({ decay: 0.9 }),
		reference: (q, k, v, keyMask) =>
			ssdReference(q, k, v, { keyMask, logDecay: filled(q.shape.slice(0, 3), Math.log(0.9), q.device) }),
		cross: false,
	},
	{
		name: "SSD",
		attend: ssd(),
		reference: (q, k, v, keyMask, extra) =>
			ssdReference(q, k, v, { keyMask, logDecay: broadcastTo(decayOf(extra), q.shape.slice(0, 3)) }),
		extraInputs: ({ heads, queries }) => ({ strength: [1, heads, queries] }),
		options: (extra): SsdCallOptions => ({ logDecay: decayOf(extra) }),
		cross: false,
		// The suite appends tokens without decays; its own test appends them with.
		decodesExactly: false,
	},
	{
		name: "retention",
		attend: retention(),
		reference: (q, k, v, keyMask) => ssdReference(q, k, v, { keyMask, logDecay: constantDecay(q, defaultDecay(q)) }),
		cross: false,
	},
	{
		name: "retention with learned decays",
		attend: retention(),
		reference: (q, k, v, keyMask, extra) =>
			ssdReference(q, k, v, { keyMask, logDecay: constantDecay(q, decayOf(extra)) }),
		extraInputs: ({ heads }) => ({ strength: [heads] }),
		options: (extra): RetentionCallOptions => ({ logDecay: decayOf(extra) }),
		cross: false,
		decodesExactly: false,
	},
];

export const ssdGolden: GoldenRuns = {
	ssd: ({ tensors: { q, k, v, log_decay } }) => ssd()(q as Tensor, k as Tensor, v as Tensor, { logDecay: log_decay }),
	"ssd-initial-state": ({ tensors: { q, k, v, log_decay, initial_state } }) =>
		ssd()(q as Tensor, k as Tensor, v as Tensor, {
			logDecay: log_decay,
			initialState: { sum: initial_state as Tensor, normalizer: null },
		}),
	retention: ({ tensors: { q, k, v, log_decay } }) =>
		retention()(q as Tensor, k as Tensor, v as Tensor, { logDecay: log_decay }),
};
