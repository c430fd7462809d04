using Cluster.Model.Processors;
using Cluster.Worker.CommandLine;
using Cluster.Worker.Hosting;
using Microsoft.Extensions.Logging;

namespace Cluster.Worker.Tests.CommandLine;

public sealed class CommandLineProgramTests
{
    private static readonly CpuList s_cpus = CpuList.TryParse("0-2", out var cpus) ? cpus : throw new InvalidOperationException();

    [Theory]
    [InlineData("", "'--coordinator' is required")]
    [InlineData("--coordinator somewhere", "'somewhere' is not HOST:PORT")]
    [InlineData("--coordinator h:70000", "'h:70000' is not HOST:PORT")]
    [InlineData("--coordinator h:1 --threads 0", "'0' is not a number of threads")]
    [InlineData("--coordinator h:1 --threads many", "'many' is not a number of threads")]
    [InlineData("--coordinator h:1 --cpus 3-1", "'3-1' is not a list of processors")]
    [InlineData("--coordinator h:1 --listen example.org:5", "'example.org' is not an IP address of this machine")]
    [InlineData("--coordinator h:1 --listen 127.0.0.1", "'127.0.0.1' is not HOST:PORT")]
    [InlineData("--coordinator h:1 --advertise x", "'x' is not HOST:PORT")]
    [InlineData("--coordinator h:1 --log-level loud", "'loud' is not a log level")]
    [InlineData("--coordinator h:1 --log-level 3", "'3' is not a log level")]
    [InlineData("--coordinator h:1 --insecure", "--insecure is for coordinators and workers of this machine")]
    [InlineData("--coordinator 127.0.0.1:1 --listen 0.0.0.0:1 --insecure", "--insecure is for coordinators and workers of this machine")]
    [InlineData("--coordinator 127.0.0.1:1 --insecure=no", "--insecure stands alone, or is --insecure=force")]
    [InlineData("--coordinator h:1 --insecure=force --join-token-file t", "--insecure is for workers without a join token")]
    [InlineData("--insecure", "'--coordinator' is required")]
    [InlineData("--coordinator h:1 --unknown", "'--unknown'")]
    [InlineData("--coordinator h:1 surplus", "'surplus'")]
    [InlineData("--coordinator", "'--coordinator'")]
    public async Task AWrongFlagIsOneLineAndAStatus(string arguments, string problem)
    {
        var (status, output, error) = await RunAsync(arguments, (_, _, _) => throw new InvalidOperationException("must not run"));

        Assert.Equal(2, status);
        Assert.Empty(output);
        Assert.Contains(problem, error, StringComparison.Ordinal);
        Assert.StartsWith("cluster-worker: ", error, StringComparison.Ordinal);
        Assert.Single(error.TrimEnd().Split('\n'));
    }

    [Theory]
    [InlineData("--coordinator 127.0.0.1:7", false)]
    [InlineData("--coordinator localhost:7 --insecure", false)]
    [InlineData("--coordinator 10.0.0.1:7", true)]
    [InlineData("--coordinator host:7 --listen 0.0.0.0:7", true)]
    [InlineData("--coordinator [::1]:7 --listen 0.0.0.0:7", true)]
    [InlineData("--coordinator host:7 --listen 0.0.0.0:7 --insecure=force", false)]
    public async Task WhatOthersCanReachIsSecureUnlessForced(string arguments, bool isSecure)
    {
        bool? seen = null;
        await RunAsync(arguments, (options, _, _) =>
        {
            seen = options.IsSecure;
            return Task.FromResult(0);
        });

        Assert.Equal(isSecure, seen);
    }

    [Fact]
    public async Task OptionsArriveAsTheyWereGiven()
    {
        WorkerOptions? seen = null;
        var (status, _, _) = await RunAsync(
            "--coordinator c.example:7 --listen [::1]:8 --advertise a:9 --name n1 --threads 3 --cpus 2,0-1 --device cpu:0 --model /m.gguf --exit-on-disconnect --log-level Debug",
            (options, _, _) =>
            {
                seen = options;
                return Task.FromResult(0);
            });

        Assert.Equal(0, status);
        Assert.Equal(
            new WorkerOptions
            {
                Coordinator = new HostPort("c.example", 7),
                Listen = new HostPort("[::1]", 8),
                Advertise = new HostPort("a", 9),
                Name = "n1",
                Threads = 3,
                Cpus = s_cpus,
                Device = "cpu:0",
                ModelPath = "/m.gguf",
                ExitOnDisconnect = true,
                LogLevel = LogLevel.Debug,
            },
            seen);
    }

    [Fact]
    public async Task DefaultsAreLoopbackAnyPortEveryCoreAndWarnings()
    {
        WorkerOptions? seen = null;
        await RunAsync("--coordinator h:1", (options, _, _) =>
        {
            seen = options;
            return Task.FromResult(0);
        });

        Assert.Equal(
            new WorkerOptions { Coordinator = new HostPort("h", 1), Listen = new HostPort("127.0.0.1", 0), Device = "cpu" }, seen);
    }

    [Fact]
    public async Task HelpNamesEveryOptionAndSucceeds()
    {
        var (status, output, error) = await RunAsync("--help", (_, _, _) => throw new InvalidOperationException("must not run"));

        Assert.Equal(0, status);
        Assert.Empty(error);
        foreach (var option in (string[])["--coordinator", "--listen", "--advertise", "--name", "--threads", "--device", "--model", "--exit-on-disconnect", "--log-level", "--version"])
            Assert.Contains(option, output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AnExpectedFailureIsOneLineWithoutAStackTrace()
    {
        var (status, _, error) = await RunAsync("--coordinator h:1", (_, _, _) => throw new WorkerException("first\nsecond"));

        Assert.Equal(1, status);
        Assert.Equal("cluster-worker: first second", error.TrimEnd());
    }

    [Theory]
    [InlineData("tpu:0", "there is no device kind 'tpu' (known: cpu, cuda, opencl)")]
    [InlineData("cuda:99", "cuda:99 is not available")]
    [InlineData("opencl:99", "opencl:99 is not available")]
    [InlineData("cpu:x", "'cpu:x' is not a device")]
    [InlineData("cpu:7", "cpu:7 is not available")]
    public async Task AMissingDeviceIsOneLine(string device, string problem)
    {
        var (status, _, error) = await RunAsync($"--coordinator 127.0.0.1:1 --device {device}", WorkerProgram.RunAsync);

        Assert.Equal(1, status);
        Assert.Contains(problem, error, StringComparison.Ordinal);
        Assert.Single(error.TrimEnd().Split('\n'));
    }

    [Fact]
    public async Task DevicesAreListedOrTheReasonWhyThereAreNone()
    {
        var (status, output, error) = await RunAsync("devices", (_, _, _) => throw new InvalidOperationException("must not run"));
        Assert.Equal((0, ""), (status, error));
        Assert.StartsWith("cpu ", output, StringComparison.Ordinal);
        Assert.Contains("\ncuda", output, StringComparison.Ordinal);
        Assert.Contains("\nopencl", output, StringComparison.Ordinal);

        var (_, json, _) = await RunAsync("devices --json", (_, _, _) => throw new InvalidOperationException("must not run"));
        Assert.Contains("\"id\": \"cpu\"", json, StringComparison.Ordinal);
    }

    private static async Task<(int Status, string Output, string Error)> RunAsync(
        string arguments, Func<WorkerOptions, CancellationToken, CancellationToken, Task<int>> run)
    {
        var output = new StringWriter();
        var error = new StringWriter();
        var status = await CommandLineProgram.RunAsync(arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries), output, error, run);
        return (status, output.ToString(), error.ToString());
    }
}
