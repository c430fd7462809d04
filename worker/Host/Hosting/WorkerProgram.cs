using System.Net.Sockets;
using System.Reflection;
using Cluster.Compute.Devices;
using Cluster.Protos.V1;
using Cluster.Worker.CommandLine;
using Cluster.Worker.Logging;
using Cluster.Worker.Membership;
using Cluster.Worker.Security;
using Cluster.Worker.Shards;
using Cluster.Worker.Weights;
using Microsoft.Extensions.Logging;
using DeviceLimits = Cluster.Compute.Devices.DeviceLimits;

namespace Cluster.Worker.Hosting;

/// <summary>A worker's life: open the device, listen, join the coordinator, serve until told to end.</summary>
internal static class WorkerProgram
{
    public static string Version { get; } =
        typeof(WorkerProgram).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0";

    /// <summary>Runs until the coordinator or <paramref name="stopping"/> ends it; after <paramref name="draining"/> it asks the coordinator to.</summary>
    /// <returns>The exit status: 0.</returns>
    /// <exception cref="WorkerException">The address cannot be bound, or the coordinator cannot be joined.</exception>
    /// <exception cref="DeviceUnavailableException">There is no such device here.</exception>
    public static async Task<int> RunAsync(WorkerOptions options, CancellationToken draining, CancellationToken stopping)
    {
        using var loggers = LoggerFactory.Create(Configure);
        using var device = DeviceCatalog.Open(options.Device, new DeviceOptions { Threads = options.Threads, Cpus = options.Cpus });
        var address = await AdvertisedAddress.ChooseHostAsync(options, stopping).ConfigureAwait(false);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(draining, stopping);
        var identity = await IdentifyAsync(options, new SecurityLog(loggers.CreateLogger<SecurityLog>()), ending.Token).ConfigureAwait(false);
        var hostOptions = new ShardHostOptions
        {
            WorkerName = options.WorkerName,
            ListenAddress = options.Listen.ListenAddress,
            Credentials = identity?.Credentials,
            Communicators = device.Communicators,
        };
        using var pieces = new SharedPieces(options.Coordinator, identity?.Credentials, TimeProvider.System);
        var held = new HeldPieces();
        var models = new ModelFileOpener(options.ModelPath, new ModelCache(options.CachePath, options.CacheBytes, pieces, held), options.FetchModel);
        await using var host = new ShardHost(
            hostOptions, new GgufShardLoader(device, models), new ShardActorLog(loggers.CreateLogger<ShardActorLog>()));
        await using var server = await ListenAsync(options.Listen, host, hostOptions, device, held, Configure, stopping).ConfigureAwait(false);

        var advertised = options.Advertise ?? new HostPort(address, server.Address.Port);
        pieces.Address = advertised.ToString();
        var membership = new CoordinatorMembership(
            new CoordinatorOptions(options.Coordinator, options.ExitOnDisconnect) { Credentials = identity?.Credentials },
            Describe(hostOptions.WorkerName, advertised, device.Description, await MeasureAsync(options, device, stopping).ConfigureAwait(false)),
            new MembershipLog(loggers.CreateLogger<MembershipLog>()),
            TimeProvider.System);
        membership.Lost += reason => host.ResetAsync(reason);
        using var left = new CancellationTokenSource();
        var renewals = identity?.KeepAsync(left.Token) ?? Task.CompletedTask;
        try
        {
            await membership.RunAsync(draining, stopping).ConfigureAwait(false);
            return 0;
        }
        finally
        {
            await left.CancelAsync().ConfigureAwait(false);
            await renewals.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

            // Before the server stops: its open calls end with the shard.
            await host.DisposeAsync().ConfigureAwait(false);
        }

        void Configure(ILoggingBuilder logging)
        {
            logging.SetMinimumLevel(options.LogLevel);
            // A server that cannot start says so by its exception, which becomes the one line that the user sees.
            logging.AddFilter("Microsoft.Extensions.Hosting", LogLevel.None);
            logging.AddProvider(new StderrLoggerProvider(Console.Error));
        }
    }

    /// <summary>Null for a worker that talks in plain text.</summary>
    private static async Task<WorkerIdentity?> IdentifyAsync(WorkerOptions options, SecurityLog log, CancellationToken cancellationToken)
    {
        if (options.IsSecure) return await new IdentityStart(options, options.WorkerName, log, TimeProvider.System).ObtainAsync(Console.In, cancellationToken).ConfigureAwait(false);
        if (options.Insecure != InsecureMode.None) log.Insecure(options.Listen);
        return null;
    }

    private static async Task<WorkerServer> ListenAsync(
        HostPort listen, ShardHost host, ShardHostOptions options, IDevice device, HeldPieces held, Action<ILoggingBuilder> logging,
        CancellationToken stopping)
    {
        try
        {
            return await WorkerServer.StartAsync(listen, host, options, device, held, logging, stopping).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            throw new WorkerException($"cannot listen on {listen}: {e.InnerException?.Message ?? e.Message}");
        }
    }

    /// <summary>
    /// What the device does at most, for the planner; once, whatever the worker joins later. Workers that a coordinator starts beside itself all
    /// start at once and share a machine: they would only measure each other.
    /// </summary>
    private static async Task<DeviceLimits?> MeasureAsync(WorkerOptions options, IDevice device, CancellationToken stopping) => options.ExitOnDisconnect
        ? null
        : await Task.Factory.StartNew(device.MeasureLimits, stopping, TaskCreationOptions.LongRunning, TaskScheduler.Default).ConfigureAwait(false);

    private static WorkerDescription Describe(string name, HostPort address, DeviceDescription device, DeviceLimits? limits) => new()
    {
        Name = name,
        Address = address.ToString(),
        Version = Version,
        ProcessId = Environment.ProcessId,
        Device = new Device
        {
            Id = device.Id,
            Name = device.Name,
            Kernels = device.Kernels,
            Threads = device.Threads,
            MemoryBytes = (ulong)device.MemoryBytes,
            ReadBytesPerSecond = limits?.ReadBytesPerSecond ?? 0,
            MultiplyAddsPerSecond = limits?.MultiplyAddsPerSecond ?? 0,
        },
    };
}
