namespace Cluster.Compute.Cpu.Attention;

/// <summary>Consecutive tokens of a step whose keys and values go to one group of the cache.</summary>
/// <param name="Sequence">Index of their sequence in the step.</param>
/// <param name="FirstToken">Index of the first in the batch.</param>
/// <param name="TokenCount">At most a group's.</param>
internal readonly record struct TokenRun(int Sequence, int FirstToken, int TokenCount);
