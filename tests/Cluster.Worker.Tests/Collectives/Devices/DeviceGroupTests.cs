using System.Globalization;
using Cluster.Compute.Collectives;
using Cluster.Protos.V1;
using Cluster.Worker.Tests.Support;
using Grpc.Core;

namespace Cluster.Worker.Tests.Collectives.Devices;

public sealed class DeviceGroupTests
{
    private const int Count = 100;

    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(1);

    /// <summary>What a rank can have instead of a device of its own that knows groups.</summary>
    private static readonly Dictionary<string, Func<IDeviceCommunicators?>> s_obstacles = new()
    {
        ["no groups"] = () => null,
        ["no library"] = () => new FakeCommunicators("own", library: null),
        ["another library"] = () => new FakeCommunicators("own", library: "fake 2"),
        ["another rank's device"] = () => new FakeCommunicators("1"),
        ["a failing device"] = () => new FakeCommunicators("own", join: _ => throw new CommunicatorException("this device stays alone")),
    };

    public static TheoryData<string, int> Obstacles()
    {
        var data = new TheoryData<string, int>();
        foreach (var obstacle in s_obstacles.Keys)
        {
            // The rank that decides, and another.
            data.Add(obstacle, 0);
            data.Add(obstacle, 2);
        }

        return data;
    }

    [Theory]
    [InlineData(2, 1)]
    [InlineData(3, 1)]
    [InlineData(2, 2)]
    public async Task RanksWhoseDevicesReachEachOtherSumThere(int size, int stages)
    {
        var devices = Devices(size * stages);
        var sums = new HostBuffer[size * stages];
        await using (var cluster = await StartAsync(size, stages, devices, Reduce(size, sums)))
        {
            Assert.All(devices, device => Assert.False(device.Joined!.Left.IsCompleted));
            Assert.All(cluster.Shards, shard => Assert.Equal("fake 1", shard.GroupLibrary));

            var results = await cluster.RunAsync(1);

            AssertSums(size, results, sums);
            Assert.All(results, result => Assert.Equal((ulong)(5 + result.CalculateSize()), result.WireBytes));
        }

        await Task.WhenAll(devices.Select(device => device.Joined!.Left)).WaitAsync(s_patience);
    }

    [Theory]
    [MemberData(nameof(Obstacles))]
    public async Task OneRankThatCannotMakesAllSumOverTheLinks(string obstacle, int rank)
    {
        IDeviceCommunicators?[] devices = Devices(3);
        devices[rank] = s_obstacles[obstacle]();
        await AssertSumOverLinksAsync(devices, null);
    }

    /// <summary>The thread of the rank stays behind in a library that does not return.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task ARankThatNeverJoinsMakesAllSumOverTheLinks(int rank)
    {
        using var released = new ManualResetEventSlim();
        IDeviceCommunicators?[] devices = Devices(2);
        devices[rank] = new FakeCommunicators("own", join: _ => released.Wait(CancellationToken.None));
        await AssertSumOverLinksAsync(devices, TimeSpan.FromMilliseconds(100));
        Assert.Null(((FakeCommunicators)devices[rank]!).Joined);

        released.Set();
        await WaitForAsync(() => ((FakeCommunicators)devices[rank]!).Joined?.Left.IsCompleted == true);
    }

    /// <summary>A rank that has said that it joined is not loaded, unless it hears that the others do not sum so.</summary>
    [Fact]
    public async Task ARankThatLosesTheLeaderAfterItHasJoinedLeavesTheGroup()
    {
        using var released = new ManualResetEventSlim();
        var joining = new TaskCompletionSource();
        var leader = new FakeCommunicators("0", join: _ =>
        {
            joining.SetResult();
            released.Wait(CancellationToken.None);
        });
        var member = new FakeCommunicators("1");
        await using var first = await StartWorkerAsync("w0", leader);
        await using var second = await StartWorkerAsync("w1", member);
        string[] addresses = [first.Address, second.Address];
        var loads = addresses.Select((_, rank) => (rank == 0 ? first : second).LoadAsync(
            Requests.Load(1, rank, 2, addresses, channel: ChannelKind.Automatic))).ToArray();
        await joining.Task.WaitAsync(s_patience);
        await WaitForAsync(() => member.Joined is not null);

        await first.DisposeAsync();

        await Assert.ThrowsAnyAsync<RpcException>(() => loads[0]);

        // What the leader still had time to say decides whether that is an error.
        if (await Record.ExceptionAsync(() => loads[1]) is { } problem) Assert.IsAssignableFrom<RpcException>(problem);
        else Assert.Equal("", (await loads[1]).Ready.GroupLibrary);
        await member.Joined!.Left.WaitAsync(s_patience);
        released.Set();
    }

    [Fact]
    public async Task ADeviceThatWaitsIsToldOfALostPeer()
    {
        var devices = Devices(2);
        await using var cluster = await StartAsync(2, 1, devices, (_, _, _, _, _) =>
        {
            var loss = default(string);
            while ((loss = devices[1].Joined!.FindLoss()) is null) Thread.Yield();
            throw new PeerLostException(loss);
        });
        Assert.Null(devices[1].Joined!.FindLoss());
        await cluster.Steps[1].RequestStream.WriteAsync(Requests.Step(1, 1));

        await cluster.Workers[0].DisposeAsync();

        Assert.StartsWith("rank 0 at ", (await cluster.ReceiveAsync(1)).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task StrangersFormNoGroup()
    {
        await using var cluster = await StartAsync(2, 1, Devices(2), Reduce(2, new HostBuffer[2]));
        (DeviceGroupRequest Request, string Problem)[] bad =
        [
            (new() { PlanVersion = 1, Leader = 0, Caller = 2, Offer = new() }, "forms no group of devices with rank 2"),
            (new() { PlanVersion = 1, Leader = 0, Caller = 1 }, "no offer of rank 1 is waited for"),
            (new() { PlanVersion = 1, Leader = 0, Caller = 1, Offer = new() }, "no offer of rank 1 is waited for"),
            (new() { PlanVersion = 1, Leader = 1, Caller = 0, Offer = new() }, "rank 1 was called"),
        ];
        foreach (var (request, problem) in bad)
        {
            using var call = cluster.Workers[0].Client.FormDeviceGroup();
            await call.RequestStream.WriteAsync(request);

            var e = await Assert.ThrowsAsync<RpcException>(() => call.ResponseStream.MoveNext(CancellationToken.None));

            Assert.Contains(problem, e.Status.Detail, StringComparison.Ordinal);
        }
    }

    private static FakeCommunicators[] Devices(int count) =>
        [.. Enumerable.Range(0, count).Select(i => new FakeCommunicators(i.ToString(CultureInfo.InvariantCulture)))];

    private static Task<TestWorker> StartWorkerAsync(string name, IDeviceCommunicators communicators) =>
        TestWorker.StartAsync(name, new WorkLoader((_, _, _, _, _) => { }), communicators: communicators);

    private static Task<TestCluster> StartAsync(int size, int stages, IReadOnlyList<IDeviceCommunicators?> devices, StepWork work, TimeSpan? groupTimeout = null) =>
        TestCluster.StartAsync(size, stages, work, channel: ChannelKind.Automatic, communicators: devices, groupTimeout: groupTimeout);

    private static async Task AssertSumOverLinksAsync(IDeviceCommunicators?[] devices, TimeSpan? groupTimeout)
    {
        var sums = new HostBuffer[devices.Length];
        await using var cluster = await StartAsync(devices.Length, 1, devices, Reduce(devices.Length, sums), groupTimeout);

        var results = await cluster.RunAsync(1);

        Assert.All(cluster.Shards, shard => Assert.Equal("", shard.GroupLibrary));
        AssertSums(devices.Length, results, sums);
        Assert.All(results, result => Assert.InRange(result.WireBytes, (ulong)(Count * sizeof(float)), ulong.MaxValue));

        // Whoever had joined has left.
        await Task.WhenAll(devices.OfType<FakeCommunicators>().Select(device => device.Joined?.Left ?? Task.CompletedTask)).WaitAsync(s_patience);
    }

    private static StepWork Reduce(int size, HostBuffer[] sums) => (rank, collective, _, _, _) =>
    {
        sums[rank] = new HostBuffer([.. Enumerable.Range(0, Count).Select(i => (float)(i + rank % size))]);
        collective.AllReduce(sums[rank], Count);
    };

    private static void AssertSums(int size, StepResult[] results, HostBuffer[] sums)
    {
        Assert.All(results, result => Assert.Equal("", result.Error));
        foreach (var sum in sums)
        {
            for (var i = 0; i < Count; i++) Assert.Equal(size * i + size * (size - 1) / 2, sum.Values[i]);
        }
    }

    private static async Task WaitForAsync(Func<bool> condition)
    {
        using var patience = new CancellationTokenSource(s_patience);
        while (!condition())
        {
            patience.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }
}
