import type { GoldenRuns } from "./golden-run.js";
import type { MechanismCase } from "./mechanism-case.js";
import { bigBirdCases, bigBirdGolden } from "./mechanisms/big-bird.js";
import { efficientCases, efficientGolden } from "./mechanisms/efficient.js";
import { etcCases } from "./mechanisms/etc.js";
import { fullCases, fullGolden } from "./mechanisms/full.js";
import { linearCases, linearGolden } from "./mechanisms/linear-transformer.js";
import { linformerCases, linformerGolden } from "./mechanisms/linformer.js";
import { localChunkedCases } from "./mechanisms/local-chunked.js";
import { longformerCases, longformerGolden } from "./mechanisms/longformer.js";
import { patternedCases } from "./mechanisms/patterned.js";
import { perHeadCases } from "./mechanisms/per-head.js";
import { randomCases } from "./mechanisms/random.js";
import { reformerCases, reformerGolden } from "./mechanisms/reformer.js";
import { slidingWindowCases, slidingWindowGolden } from "./mechanisms/sliding-window.js";
import { sparseTransformerCases, sparseTransformerGolden } from "./mechanisms/sparse-transformer.js";
import { ssdCases, ssdGolden } from "./mechanisms/ssd.js";
import { starCases, starGolden } from "./mechanisms/star-transformer.js";
import { taylorCases, taylorGolden } from "./mechanisms/taylor.js";

/** A case per mechanism and option that changes what is computed. New mechanisms are added here. */
export const mechanismCases: readonly MechanismCase[] = [
	...fullCases,
	...slidingWindowCases,
	...reformerCases,
	...linearCases,
	...linformerCases,
	...longformerCases,
	...bigBirdCases,
	...etcCases,
	...sparseTransformerCases,
	...localChunkedCases,
	...patternedCases,
	...randomCases,
	...taylorCases,
	...ssdCases,
	...starCases,
	...efficientCases,
	...perHeadCases,
];

/** How the golden tests of mechanisms are run. */
export const goldenRuns: GoldenRuns = {
	...fullGolden,
	...slidingWindowGolden,
	...reformerGolden,
	...linearGolden,
	...linformerGolden,
	...longformerGolden,
	...bigBirdGolden,
	...sparseTransformerGolden,
	...taylorGolden,
	...ssdGolden,
	...starGolden,
	...efficientGolden,
};
