import { describeConformance } from "../../testing/conformance/index.js";
import { bigBirdCases } from "../../testing/mechanisms/big-bird.js";

describeConformance(bigBirdCases);
