using Cluster.Coordinator.Ranks;
using Cluster.Coordinator.Scheduling;

namespace Cluster.Coordinator.Engine;

/// <summary>What the engine's loop works with and lends, between two steps, to work that needs the ranks to itself.</summary>
/// <param name="Steps">Executes steps.</param>
/// <param name="Blocks">Lends blocks of the cache.</param>
/// <param name="Ranks">Who executes them.</param>
internal sealed record EngineParts(StepPipeline Steps, BlockManager Blocks, IRankGroup Ranks);
