using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using Cluster.Model.Architecture;
using Cluster.Model.Gguf;
using Cluster.Protos.Models;
using Cluster.Protos.Security;
using Cluster.Protos.V1;
using Grpc.Core;
using Grpc.Net.Client;
using ProtoRange = Cluster.Protos.V1.Range;

namespace Cluster.IntegrationTests.Faults.Harness;

/// <summary>
/// A rank that lies. It has a worker load the other shard of a plan of two, is promised the socket between them for a token, begins a step and sends what no
/// rank sends. The step has to fail, the worker must take the next plan.
/// </summary>
internal sealed class ChannelFuzzer(IPEndPoint worker, PeerCredentials coordinator, PeerCredentials peer, string modelPath, Random random)
{
    private const int BlockTokens = 16;

    /// <summary>For whatever has to happen in the end, however busy the machine is.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    private readonly FuzzFrames _frames = new(random);

    // Beyond what a cluster that serves counts to meanwhile.
    private ulong _plan = 1 << 20;

    public int Cases { get; private set; }

    /// <summary>What was not as it has to be, in a line each.</summary>
    public List<string> Problems { get; } = [];

    /// <param name="goesOn">Asked before each case, with its number.</param>
    public async Task RunAsync(Func<int, bool> goesOn)
    {
        using var commanding = Connect(coordinator);
        using var asking = Connect(peer);
        var request = DescribePlan();
        while (goesOn(Cases + 1))
        {
            Cases++;
            request.Plan.Version = ++_plan;
            try
            {
                using var patience = new CancellationTokenSource(s_patience);
                if (await LieAsync(request, new Worker.WorkerClient(commanding), new Worker.WorkerClient(asking), patience.Token) is { } problem) Problems.Add(problem);
            }
            catch (Exception e) when (e is RpcException or IOException or SocketException or OperationCanceledException)
            {
                Problems.Add($"case {Cases} of lies: {e.Message}");
                return;
            }
        }
    }

    private async Task<string?> LieAsync(LoadShardRequest request, Worker.WorkerClient commanded, Worker.WorkerClient asked, CancellationToken cancellationToken)
    {
        using var load = commanded.LoadShard(request, cancellationToken: cancellationToken);
        var loaded = ReadToEndAsync(load, cancellationToken);
        var offer = await asked.OpenChannelAsync(new OpenChannelRequest { PlanVersion = _plan, Listener = 0, Caller = 1 }, cancellationToken: cancellationToken);
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(new IPEndPoint(worker.Address, offer.Port), cancellationToken);
        await using var stream = new SslStream(new NetworkStream(socket));
        await stream.AuthenticateAsClientAsync(peer.ClientOptions(static name => name.Role == PeerRole.Worker, null), cancellationToken);
        await stream.WriteAsync(new ReadOnlyMemory<byte>([.. "CCHL\u0001\0\0\0"u8, .. offer.Token.Span]), cancellationToken);
        await stream.ReadExactlyAsync(new byte[8], cancellationToken);
        await loaded;

        using var steps = commanded.Execute(cancellationToken: cancellationToken);
        await steps.RequestStream.WriteAsync(Step(), cancellationToken);
        var error = "";
        try
        {
            await stream.WriteAsync(_frames.Next(_plan, 1), cancellationToken);
            if (random.Next(2) == 0) socket.LingerState = new LingerOption(true, 0);
            socket.Close();
        }
        catch (IOException)
        {
            // It has had enough already.
        }

        try
        {
            if (await steps.ResponseStream.MoveNext(cancellationToken)) error = steps.ResponseStream.Current.Error;
        }
        catch (RpcException e)
        {
            error = e.Status.Detail;
        }

        await commanded.UnloadShardAsync(new UnloadShardRequest { PlanVersion = _plan }, cancellationToken: cancellationToken);
        return error.Length > 0 ? null : $"case {Cases} of lies: the step succeeded";
    }

    private static async Task ReadToEndAsync(AsyncServerStreamingCall<LoadShardProgress> load, CancellationToken cancellationToken)
    {
        while (await load.ResponseStream.MoveNext(cancellationToken))
        {
        }
    }

    private StepRequest Step() => new()
    {
        PlanVersion = _plan,
        StepId = 1,
        TokenIds = { 300 },
        SequenceTokenCounts = { 1 },
        SequenceStartPositions = { 0 },
        SequenceBlockCounts = { 1 },
        BlockTable = { 0 },
    };

    /// <summary>Two tensor-parallel ranks, half of the model each; this worker is the first, and waits for the second's call.</summary>
    private LoadShardRequest DescribePlan()
    {
        using var file = GgufFile.Open(modelPath);
        var config = ModelConfigReader.Read(file);
        var plan = new Plan { TensorParallelSize = 2, PipelineSize = 1, Addresses = { worker.ToString(), "127.0.0.1:9" }, Workers = { "listener", FuzzPayloads.Guest } };
        for (var rank = 0; rank < 2; rank++)
        {
            plan.Shards.Add(new Shard
            {
                Rank = rank,
                TensorRank = rank,
                Layers = new ProtoRange { End = config.LayerCount },
                KvHeads = Half(config.KvHeadCount, rank),
                QueryHeads = Half(config.HeadCount, rank),
                FeedForward = Half(config.FeedForwardSize, rank),
                Vocabulary = Half(config.VocabularySize, rank),
            });
        }

        return new LoadShardRequest
        {
            Plan = plan,
            Model = ModelReferences.Describe(file),
            KvCache = new KvCacheOptions { Formats = { new CacheFormat { KeyType = "q8_0", ValueType = "q4_0" } }, BlockTokens = BlockTokens, BlockCount = 4 },
            Wire = WireFormat.F32,
            MaxStepTokens = 8,
            Channel = ChannelKind.Socket,
        };
    }

    private static ProtoRange Half(int count, int rank) => new() { Start = rank * (count / 2), End = rank == 0 ? count / 2 : count };

    private GrpcChannel Connect(PeerCredentials credentials)
    {
        var handler = new SocketsHttpHandler { SslOptions = credentials.ClientOptions(static name => name.Role == PeerRole.Worker, null) };
        return GrpcChannel.ForAddress($"https://{worker}", new GrpcChannelOptions { HttpHandler = handler, DisposeHttpClient = true });
    }
}
