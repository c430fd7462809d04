using System.Collections.Concurrent;
using Cluster.Protos.Models;
using Cluster.Protos.V1;
using Cluster.Worker.CommandLine;
using Cluster.Worker.Tests.Support;
using Cluster.Worker.Weights;
using Google.Protobuf;

namespace Cluster.Worker.Tests.Weights;

/// <summary>Workers that pass a model's pieces on to each other, and peers that are of no use.</summary>
public sealed class SharedPiecesTests : IAsyncLifetime
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("cluster-shared-");
    private readonly FilePieceSource _model = new(RepositoryFiles.SampleModel);
    private readonly ConcurrentQueue<IDisposable> _sources = [];
    private TestPieceServer _coordinator = null!;

    public async Task InitializeAsync() => _coordinator = await TestPieceServer.StartAsync(request => new ModelPiece { Data = Data(request) });

    public async Task DisposeAsync()
    {
        foreach (var source in _sources) source.Dispose();
        await _coordinator.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task WhatAPeerHasComesFromThePeerAndIsAnnounced()
    {
        var held = new HeldPieces();
        using var first = Open("first", held);
        await using var peer = await TestPieceServer.StartAsync(request => new ModelPiece { Data = UnsafeByteOperations.UnsafeWrap(held.Find(request.ContentSha256)!.TryRead(request.Index)) });
        first.Require(0);
        first.Require(3);
        Assert.Equal(new PieceOrigins(2L * PieceHashes.PieceBytes, 0, 0), first.Origins);

        _coordinator.Answer = request => request.Index is 0 or 3 ? new ModelPiece { Holders = { peer.Address } } : new ModelPiece { Data = Data(request) };
        using var second = Open("second", new HeldPieces());
        for (var piece = 0; piece < 5; piece++) second.Require(piece);

        Assert.Equal(new PieceOrigins(3L * PieceHashes.PieceBytes, 2L * PieceHashes.PieceBytes, 0), second.Origins);
        await _coordinator.WhenAnnouncedAsync("second:1", [0, 1, 2, 3, 4]);
        Assert.Null(first.TryRead(1));
        Assert.Null(first.TryRead(uint.MaxValue));
    }

    [Theory]
    [InlineData("lies")]
    [InlineData("is shorter")]
    [InlineData("fails")]
    [InlineData("is gone")]
    public async Task APeerThatIsOfNoUseIsLeftOutAfterOneFailure(string what)
    {
        var asked = 0;
        await using var peer = await TestPieceServer.StartAsync(request =>
        {
            Interlocked.Increment(ref asked);
            return what switch
            {
                "lies" => new ModelPiece { Data = ByteString.CopyFrom(new byte[PieceHashes.PieceBytes]) },
                "is shorter" => new ModelPiece { Data = ByteString.CopyFrom(Data(request).Span[1..]) },
                _ => throw new InvalidOperationException("broken"),
            };
        });
        if (what == "is gone") await peer.DisposeAsync();
        _coordinator.Answer = request => request.Distrusted.Contains(peer.Address) ? new ModelPiece { Data = Data(request) } : new ModelPiece { Holders = { peer.Address } };

        using var pieces = Open("reader", new HeldPieces());
        for (var piece = 0; piece < 6; piece++) pieces.Require(piece);

        Assert.Equal(new PieceOrigins(6L * PieceHashes.PieceBytes, 0, 0), pieces.Origins);
        Assert.Equal(what == "is gone" ? 0 : 1, asked);
    }

    [Fact]
    public async Task APeerThatDiesMidTransferIsMadeUpForByTheNext()
    {
        await using var good = await TestPieceServer.StartAsync(request => new ModelPiece { Data = Data(request) });
        TestPieceServer dying = null!;
        var served = 0;
        dying = await TestPieceServer.StartAsync(request =>
        {
            if (Interlocked.Increment(ref served) > 2) dying.Break();
            return new ModelPiece { Data = Data(request) };
        });
        await using var _ = dying;
        _coordinator.Answer = request => new ModelPiece { Holders = { new[] { dying.Address, good.Address }.Where(peer => !request.Distrusted.Contains(peer)) } };

        using var pieces = Open("reader", new HeldPieces());
        for (var piece = 0; piece < 6; piece++) pieces.Require(piece);

        Assert.Equal(new PieceOrigins(0, 6L * PieceHashes.PieceBytes, 0), pieces.Origins);
        Assert.Equal(3, served);
    }

    [Fact]
    public void WhatWasFetchedIsInTheCacheAndPrefetchBringsTheRest()
    {
        using (var pieces = Open("again", new HeldPieces())) pieces.Require(2);

        using var again = Open("again", new HeldPieces());
        again.Prefetch([4, 2, 1]);
        foreach (var piece in (int[])[1, 2, 4]) again.Require(piece);

        Assert.Equal(new PieceOrigins(2L * PieceHashes.PieceBytes, 0, PieceHashes.PieceBytes), again.Origins);
        Assert.Equal(_model.Piece(4).ToArray(), again.TryRead(4));
    }

    private ByteString Data(ReadPieceRequest request) => UnsafeByteOperations.UnsafeWrap(_model.Piece((int)request.Index));

    private FetchedPieces Open(string name, HeldPieces held)
    {
        Assert.True(HostPort.TryParse(_coordinator.Address, out var coordinator));
        var source = new SharedPieces(coordinator, null, TimeProvider.System) { Address = $"{name}:1" };
        _sources.Enqueue(source);
        return new FetchedPieces(
            Path.Combine(_folder.FullName, name), _model.Key, _model.Describe(_model.Key, CancellationToken.None), source, held, CancellationToken.None);
    }
}
