using Cluster.Model.Gguf;
using Cluster.Protos.Models;
using Cluster.Worker.Weights;

namespace Cluster.Worker.Tests.Weights;

public sealed class ModelCacheTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("cluster-cache-");
    private readonly FilePieceSource _source = new(RepositoryFiles.SampleModel);

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void OnlyWhatIsLookedAtComesAndItComesOnce()
    {
        using var original = GgufFile.Open(RepositoryFiles.SampleModel);
        var tensor = original.Tensors.MaxBy(tensor => tensor.Offset)!;
        var expected = new byte[tensor.ByteCount];
        original.Read(tensor, 0, expected);
        using (var file = Open())
        {
            var header = _source.Asked.Count;
            Assert.Equal(original.Tensors.Count, file.Tensors.Count);
            Assert.Equal(expected, Read(file, tensor));
            Assert.Equal(expected, Read(file, tensor));
            Assert.InRange(_source.Asked.Count, header, header + expected.Length / PieceHashes.PieceBytes + 2);
            Assert.Distinct(_source.Asked);
        }

        var asked = _source.Asked.Count;
        using (var again = Open()) Assert.Equal(expected, Read(again, tensor));
        Assert.Equal(asked, _source.Asked.Count);
    }

    [Fact]
    public void ThreadsThatNeedTheSamePieceFetchItOnce()
    {
        using var original = GgufFile.Open(RepositoryFiles.SampleModel);
        using var file = Open();

        Parallel.For(0, 64, i =>
        {
            var tensor = original.Tensors[i % original.Tensors.Count];
            var expected = new byte[tensor.ByteCount];
            original.Read(tensor, 0, expected);
            Assert.Equal(expected, Read(file, tensor));
        });

        Assert.Distinct(_source.Asked);
    }

    [Fact]
    public void ASpoiledPieceIsFetchedAgain()
    {
        using (var file = Open()) ReadAll(file);
        var path = Assert.Single(_folder.GetFiles()).FullName;
        using (var handle = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite)) RandomAccess.Write(handle, [0x55, 0xAA, 0x55], 3 * PieceHashes.PieceBytes + 99);
        _source.Asked.Clear();

        using (var again = Open()) ReadAll(again);

        Assert.Equal([3], _source.Asked);
        Assert.Equal(File.ReadAllBytes(RepositoryFiles.SampleModel), File.ReadAllBytes(path));
    }

    [Fact]
    public void APieceThatIsNotWhatItsHashSaysIsRefused()
    {
        _source.Lies = true;

        Assert.Equal("piece 0 from a file is not what its hash says", Assert.Throws<IOException>(Open).Message);
    }

    [Fact]
    public void WhatIsHereOpensAlsoWhenNothingMoreComes()
    {
        using (var file = Open()) ReadAll(file);
        _source.Problem = "gone";

        using var again = Open();
        ReadAll(again);
    }

    [Fact]
    public void ModelsThatWereUsedLongestAgoMakeRoom()
    {
        var length = new FileInfo(RepositoryFiles.SampleModel).Length;
        foreach (var (name, age) in new[] { ("old", 3), ("older", 5), ("new", 1) })
        {
            var path = Path.Combine(_folder.FullName, $"{name}.gguf");
            File.WriteAllBytes(path, new byte[1000]);
            File.SetLastWriteTimeUtc(path, DateTime.UtcNow.AddDays(-age));
        }

        using (Open(length + 1500)) Assert.Equal(["new.gguf"], _folder.GetFiles().Select(file => file.Name).Where(name => name.Length < 20));

        Assert.Contains("more than the cache in", Assert.Throws<IOException>(() => Open(length - 1)).Message, StringComparison.Ordinal);
    }

    private static byte[] Read(GgufFile file, GgufTensor tensor)
    {
        var bytes = new byte[tensor.ByteCount];
        file.Read(file.GetTensor(tensor.Name), 0, bytes);
        return bytes;
    }

    private static void ReadAll(GgufFile file)
    {
        foreach (var tensor in file.Tensors) Read(file, tensor);
    }

    private GgufFile Open() => Open(long.MaxValue);

    private GgufFile Open(long limit) => new ModelCache(_folder.FullName, limit, _source, new HeldPieces()).Open(_source.Key, CancellationToken.None).File;
}
