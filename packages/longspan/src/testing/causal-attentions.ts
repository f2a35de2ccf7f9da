import {
	type Attention,
	bandPattern,
	efficient,
	full,
	linear,
	localChunked,
	longformer,
	patterned,
	perHead,
	randomAttention,
	reformer,
	retention,
	slidingWindow,
	sparseTransformer,
	ssd,
	stridedPattern,
	taylor,
} from "../index.js";

const causal = { causal: true } as const;
const window = slidingWindow({ window: 4, ...causal });
const lsh = reformer({ chunkLength: 8, numHashes: 2, fullAttentionBelow: 0, ...causal });

/** Every causal mechanism whose decoding equals its forward pass, for two heads and short sequences. */
export const causalAttentions: Readonly<Record<string, Attention>> = {
	full: full(causal),
	window,
	"dilated window": slidingWindow({ window: 3, dilation: [1, 2], ...causal }),
	"sparse, strided": sparseTransformer({ pattern: "strided", stride: 5, ...causal }),
	"sparse, fixed": sparseTransformer({ pattern: "fixed", stride: 6, summary: 2, ...causal }),
	"local chunks": localChunked({ chunkLength: 6, ...causal }),
	longformer: longformer({ window: 3, globalTokens: [0, 7], ...causal }),
	random: randomAttention({ blockSize: 4, blocks: 2, ownBlock: true, ...causal }),
	patterned: patterned({ pattern: bandPattern(-3, 0).or(stridedPattern(4)), ...causal }),
	linear: linear(causal),
	taylor: taylor(causal),
	"taylor of order 2": taylor({ order: 2, ...causal }),
	efficient: efficient(causal),
	retention: retention(),
	"ssd with decay": ssd({ decay: 0.9 }),
	"by head, window and linear": perHead([window, linear(causal)]),
	"by head, full and retention": perHead([full(causal), retention()]),
};

/** Causal mechanisms that decode by a rule of their own. */
export const hashedAttentions: Readonly<Record<string, Attention>> = {
	reformer: lsh,
	"by head, window and reformer": perHead([window, lsh]),
};
