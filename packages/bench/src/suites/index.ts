import { crossover } from "./crossover.js";
import { decode } from "./decode.js";
import { dense } from "./dense.js";
import { dispatch } from "./dispatch.js";
import { generation } from "./generation.js";
import { growth } from "./growth.js";
import { led } from "./led.js";
import { linearSuite } from "./linear.js";
import { matmul } from "./matmul.js";
import { mechanismsSuite } from "./mechanisms.js";
import { memory } from "./memory.js";
import { packed } from "./packed.js";
import type { Suite } from "./suite.js";
import { training } from "./training.js";
import { slidingWindowSuite } from "./window.js";

/** All suites by name, in the order they run. */
export const suites: Readonly<Record<string, Suite>> = {
	matmul,
	dense,
	packed,
	window: slidingWindowSuite,
	linear: linearSuite,
	mechanisms: mechanismsSuite,
	crossover,
	decode,
	growth,
	training,
	generation,
	led,
	dispatch,
	memory,
};
