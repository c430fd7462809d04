using System.Diagnostics;
using Cluster.Compute.Cpu;
using Cluster.Compute.Cpu.Limits;
using Cluster.Compute.Cpu.Matrices;
using Cluster.Compute.Cpu.Memory;
using Cluster.Compute.Cpu.Threading;
using Cluster.Compute.Devices;
using Cluster.Model.Formats;

namespace Cluster.Benchmarks.MatMul;

/// <summary>
/// For each format and shape: bytes a second of the product with one token, weights far larger than the caches, beside the read bandwidth
/// measured in between; and operations a second of the product with many tokens.
/// </summary>
internal sealed unsafe class MatMulBenchmark : IDisposable
{
    /// <summary>Floating-point operations of one repetition of many tokens.</summary>
    private const double TileOperations = 8e9;

    private readonly MatMulBenchmarkOptions _options;
    private readonly ThreadTeam[] _teams;
    private readonly ReadBandwidth[] _bandwidths;

    private MatMulBenchmark(MatMulBenchmarkOptions options)
    {
        _options = options;
        _teams = [.. options.Threads.Select(threads => new ThreadTeam(threads))];
        _bandwidths = [.. _teams.Select(team => new ReadBandwidth(team))];
    }

    public static void Run(MatMulBenchmarkOptions options)
    {
        using var benchmark = new MatMulBenchmark(options);
        benchmark.Run();
    }

    public void Dispose()
    {
        foreach (var team in _teams) team.Dispose();
        foreach (var bandwidth in _bandwidths) bandwidth.Dispose();
    }

    private static double RunMicroseconds(ThreadTeam team)
    {
        const int Runs = 1000;
        var task = new EmptyTask();
        var times = new double[21];
        for (var i = 0; i < times.Length; i++)
        {
            var clock = Stopwatch.StartNew();
            for (var run = 0; run < Runs; run++) team.Run(task);
            times[i] = clock.Elapsed.TotalMicroseconds / Runs;
        }

        return Median(times);
    }

    private static double Median(double[] values)
    {
        Array.Sort(values);
        return values[values.Length / 2];
    }

    private void Run()
    {
        Console.WriteLine($"{_options.Isa.Name}, {Environment.ProcessorCount} cores, {_options.Repetitions} repetitions: median (best)");
        foreach (var team in _teams)
        {
            var peak = IntegerPeak.Create(_options.Isa, team);
            Console.WriteLine(
                $"a run of {team.ThreadCount} threads that do nothing: {RunMicroseconds(team):f2} us; "
                + $"integer products at most {Median([.. Enumerable.Range(0, _options.Repetitions).Select(_ => peak.Measure())]) / 1e9:f0} G/s");
        }

        foreach (var type in _options.Types)
        {
            foreach (var (rows, columns) in _options.Shapes) Run(type, rows, columns);
        }
    }

    private void Run(TensorType type, int rows, int columns)
    {
        var source = new MatrixSource
        {
            Name = "benchmark",
            Type = type,
            SourceColumns = columns,
            RowStart = 0,
            Rows = rows,
            ColumnStart = 0,
            Columns = columns,
            Reader = new RepeatingWeightReader(type, columns),
        };
        List<CpuMatrix> matrices = [CpuMatrixLoader.Load(source, _teams[^1])];
        var first = FirstMilliseconds(matrices[0]);
        var clock = Stopwatch.StartNew();
        while (matrices.Count * matrices[0].Bytes < (long)_options.StreamMebibytes << 20) matrices.Add(CpuMatrixLoader.Load(source, _teams[^1]));
        Console.WriteLine(
            $"{type,-7} {rows,5} x {columns,-5} packed at {(matrices.Count - 1) * matrices[0].Bytes / clock.Elapsed.TotalSeconds / 1e9:f1} GB/s "
            + $"by {_teams[^1].ThreadCount} threads; first products, compilation included, {first.One:f0} and {first.Many:f0} ms");

        foreach (var (team, bandwidth) in _teams.Zip(_bandwidths))
        {
            using var operation = new MatMulOperation(team, _options.Isa);
            var (reads, streams, streamsPerCore) = MeasureStream(bandwidth, operation, matrices);
            var (tiles, tilesPerCore) = MeasureTiles(operation, matrices);
            var ratios = streams.Zip(reads, (stream, read) => stream / read).ToArray();
            Console.WriteLine(
                $"{type,-7} {rows,5} x {columns,-5} {team.ThreadCount} threads: read {Median(reads) / 1e9,5:f1} GB/s, "
                + $"1 token {Median(streams) / 1e9,5:f1} ({streams.Max() / 1e9,5:f1}) GB/s = {Median(ratios),4:p0}, {Median(streamsPerCore) / 1e9,4:f1} a busy core, "
                + $"{_options.Tokens} tokens {Median(tiles) / 1e9,4:f0} ({tiles.Max() / 1e9,4:f0}) GFLOP/s, {Median(tilesPerCore) / 1e9,4:f0} a busy core");
        }

        foreach (var matrix in matrices) matrix.Dispose();
    }

    private (double One, double Many) FirstMilliseconds(CpuMatrix matrix)
    {
        using var operation = new MatMulOperation(_teams[^1], _options.Isa);
        using var input = Activations(4, matrix.Columns);
        using var output = new AlignedMemory(4L * matrix.Rows * sizeof(float));
        var clock = Stopwatch.StartNew();
        operation.Run([matrix], input.Floats, 1, output.Floats);
        var one = clock.Elapsed.TotalMilliseconds;
        operation.Run([matrix], input.Floats, 4, output.Floats);
        return (one, clock.Elapsed.TotalMilliseconds - one);
    }

    private (double[] Reads, double[] Streams, double[] StreamsPerCore) MeasureStream(ReadBandwidth bandwidth, MatMulOperation operation, List<CpuMatrix> matrices)
    {
        using var input = Activations(1, matrices[0].Columns);
        using var output = new AlignedMemory(matrices[0].Rows * sizeof(float));
        var reads = new double[_options.Repetitions];
        var streams = new double[_options.Repetitions];
        var perCore = new double[_options.Repetitions];
        for (var repetition = -1; repetition < _options.Repetitions; repetition++)
        {
            var read = bandwidth.Measure();
            var clock = Stopwatch.StartNew();
            var used = Environment.CpuUsage.TotalTime;
            foreach (var matrix in matrices) operation.Run([matrix], input.Floats, 1, output.Floats);
            var stream = matrices.Count * matrices[0].Bytes / clock.Elapsed.TotalSeconds;
            if (repetition < 0) continue;
            reads[repetition] = read;
            streams[repetition] = stream;
            perCore[repetition] = matrices.Count * matrices[0].Bytes / (Environment.CpuUsage.TotalTime - used).TotalSeconds;
        }

        return (reads, streams, perCore);
    }

    /// <summary>Operations a second, and a second of processor time, which other programs do not disturb as much.</summary>
    private (double[] Rates, double[] PerCore) MeasureTiles(MatMulOperation operation, List<CpuMatrix> matrices)
    {
        using var input = Activations(_options.Tokens, matrices[0].Columns);
        using var output = new AlignedMemory((long)_options.Tokens * matrices[0].Rows * sizeof(float));
        var operations = 2.0 * _options.Tokens * matrices[0].Rows * matrices[0].Columns;
        var count = (int)Math.Clamp(TileOperations / operations, 1, matrices.Count);
        var rates = new double[_options.Repetitions];
        var perCore = new double[_options.Repetitions];
        for (var repetition = -1; repetition < _options.Repetitions; repetition++)
        {
            var clock = Stopwatch.StartNew();
            var used = Environment.CpuUsage.TotalTime;
            for (var i = 0; i < count; i++) operation.Run([matrices[i]], input.Floats, _options.Tokens, output.Floats);
            if (repetition < 0) continue;
            rates[repetition] = count * operations / clock.Elapsed.TotalSeconds;
            perCore[repetition] = count * operations / (Environment.CpuUsage.TotalTime - used).TotalSeconds;
        }

        return (rates, perCore);
    }

    private static AlignedMemory Activations(int tokens, int columns)
    {
        var memory = new AlignedMemory((long)tokens * columns * sizeof(float));
        var random = new Random(2);
        for (var i = 0; i < tokens * columns; i++) memory.Floats[i] = random.NextSingle() - 0.5f;
        return memory;
    }

    private sealed class EmptyTask : TeamTask
    {
        public override void Execute(int thread, int threads)
        {
        }
    }
}
