using System.Diagnostics;
using System.Net;
using Cluster.Coordinator.LocalWorkers;
using Cluster.Coordinator.Sessions;
using Cluster.Model.Processors;

namespace Cluster.Coordinator.Tests.LocalWorkers;

/// <summary>With a shell script in the place of the worker program.</summary>
public sealed class LocalWorkerProcessesTests : IDisposable
{
    private static readonly IPEndPoint s_anyPort = new(IPAddress.Loopback, 0);

    private readonly string _folder = Directory.CreateTempSubdirectory().FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_worker_that_ends_early_is_told_with_what_it_said_last()
    {
        if (OperatingSystem.IsWindows()) return;
        WriteProgram("echo ignored; echo first >&2; echo \"no such device\" >&2; exit 3");

        await using var host = await ClusterHost.StartAsync(s_anyPort, new LocalWorkerOptions(2, 1) { ProgramFolder = _folder }, null, TimeProvider.System, CancellationToken.None);
        var e = await Assert.ThrowsAsync<LocalWorkerException>(() => host.WaitForWorkersAsync(2, CancellationToken.None));

        Assert.Matches(@"^local worker 'local-[01]' \(process \d+\) ended with exit code 3: no such device$", e.Message);
    }

    [Fact]
    public async Task Workers_are_told_where_the_coordinator_is_and_how_many_threads_they_have()
    {
        if (OperatingSystem.IsWindows()) return;
        WriteProgram("echo \"$@\" >&2; exit 1");

        await using var processes = await LocalWorkerProcesses.StartAsync(
            new LocalWorkerOptions(1, 3) { ProgramFolder = _folder }, new IPEndPoint(IPAddress.Loopback, 7070));

        Assert.EndsWith(
            "--coordinator 127.0.0.1:7070 --listen 127.0.0.1:0 --name local-0 --device cpu --threads 3 --exit-on-disconnect", (await processes.FirstExit).DescribeExit(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Processors_are_shared_out_among_workers()
    {
        if (OperatingSystem.IsWindows()) return;
        WriteProgram("echo \"$@\" >&2; exit 1");
        Assert.True(CpuList.TryParse("4-7,9", out var cpus));

        await using var processes = await LocalWorkerProcesses.StartAsync(
            new LocalWorkerOptions(2, 2) { ProgramFolder = _folder, Cpus = cpus }, new IPEndPoint(IPAddress.Loopback, 7070));
        foreach (var (worker, share) in processes.Workers.Zip(["4-5", "6-7,9"]))
        {
            await worker.WaitForExitAsync(CancellationToken.None);
            Assert.EndsWith($"--threads 2 --exit-on-disconnect --cpus {share}", worker.DescribeExit(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task No_worker_is_left_behind()
    {
        if (OperatingSystem.IsWindows()) return;
        WriteProgram("exec sleep 1000");
        var processes = await LocalWorkerProcesses.StartAsync(
            new LocalWorkerOptions(2, 1) { ProgramFolder = _folder }, new IPEndPoint(IPAddress.Loopback, 7070));
        var watched = processes.Workers.Select(worker => Process.GetProcessById(worker.Id)).ToArray();

        await processes.DisposeAsync();

        Assert.All(watched, process => Assert.True(process.WaitForExit(5000)));
    }

    [Fact]
    public async Task A_missing_program_is_one_line()
    {
        var e = await Assert.ThrowsAsync<LocalWorkerException>(() =>
            ClusterHost.StartAsync(s_anyPort, new LocalWorkerOptions(1, 1) { ProgramFolder = _folder }, null, TimeProvider.System, CancellationToken.None));

        Assert.Contains(Path.Combine(_folder, "cluster-worker"), e.Message, StringComparison.Ordinal);
    }

    private void WriteProgram(string body)
    {
        var path = Path.Combine(_folder, "cluster-worker");
        File.WriteAllText(path, $"#!/bin/sh\n{body}\n");
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }
}
