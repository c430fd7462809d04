using Cluster.Compute.Devices;
using Cluster.Compute.Gpu;
using Cluster.Compute.OpenCl.Interop;
using Cluster.Compute.OpenCl.Memory;

namespace Cluster.Compute.OpenCl;

/// <summary>Measures what a device does at most, in a context of its own, so that nothing of a running shard is touched.</summary>
internal static class OpenClLimits
{
    /// <summary>Bytes that are read: several times what caches hold.</summary>
    private const long ReadBytes = 256L << 20;

    /// <summary>Bytes of a uint4.</summary>
    private const int VectorBytes = 16;

    /// <summary>Work-groups of a compute unit, so that all end at about the same time.</summary>
    private const int GroupsOfUnit = 8;

    /// <summary>Work-items of a group on a GPU; a processor's one item has vectors of its own.</summary>
    private const int GpuItems = 256;

    /// <summary>Multiply-adds of a round: CHAINS · 8 in limits.cl.</summary>
    private const int RoundProducts = 64;

    /// <summary>Rounds of an item that are long against starting it.</summary>
    private const int GpuRounds = 1 << 10;
    private const int ProcessorRounds = 1 << 17;

    /// <param name="running">The device's context, of which memory is left for the measurement.</param>
    /// <returns>Null where there is none left, or the driver fails.</returns>
    public static DeviceLimits? Measure(OpenClContext running)
    {
        try
        {
            using var context = new OpenClContext(running.Info, running.Budget.FreeBytes, running.Cache);
            using var memory = context.Allocate(Math.Min(ReadBytes, context.Info.MostBufferBytes));
            context.Clear(memory, 0, memory.Bytes);
            var program = context.Load(new KernelProgram().Include("limits.cl"));
            return new DeviceLimits(ReadRate(context, program, memory), ProductRate(context, program, memory));
        }
        catch (Exception e) when (e is OutOfMemoryException or OpenClException)
        {
            return null;
        }
    }

    private static double ReadRate(OpenClContext context, OpenClProgram program, OpenClMemory memory)
    {
        var kernel = program.Kernel("read_all");
        var part = memory.Bytes / VectorBytes / Groups(context);
        return part * Groups(context) * VectorBytes * RateMeter.RunsPerSecond(
            () => kernel.Run(Groups(context), 1, 1, Items(context), new OpenClArguments { memory, part, memory }), context.Synchronize);
    }

    /// <summary>Multiplications of f32, which products of many tokens are made of.</summary>
    private static double ProductRate(OpenClContext context, OpenClProgram program, OpenClMemory memory)
    {
        var kernel = program.Kernel("multiply_add");
        var rounds = context.Info.IsProcessor ? ProcessorRounds : GpuRounds;
        return (double)Groups(context) * Items(context) * rounds * RoundProducts * RateMeter.RunsPerSecond(
            () => kernel.Run(Groups(context), 1, 1, Items(context), new OpenClArguments { 0.999f, 0.001f, rounds, memory }), context.Synchronize);
    }

    private static int Groups(OpenClContext context) => GroupsOfUnit * context.Info.ComputeUnits;

    private static int Items(OpenClContext context) => context.Info.IsProcessor ? 1 : GpuItems;
}
