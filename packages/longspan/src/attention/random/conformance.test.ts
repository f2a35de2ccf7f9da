import { describeConformance } from "../../testing/conformance/index.js";
import { randomCases } from "../../testing/mechanisms/random.js";

describeConformance(randomCases);
