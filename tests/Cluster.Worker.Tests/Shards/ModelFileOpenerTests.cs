using Cluster.Model.Gguf;
using Cluster.Protos.V1;
using Cluster.Worker.Shards;
using Cluster.Worker.Tests.Support;
using Google.Protobuf;

namespace Cluster.Worker.Tests.Shards;

public sealed class ModelFileOpenerTests
{
    [Fact]
    public void OpensTheCoordinatorsFileAndOnesOwnCopy()
    {
        var request = SampleShard.Request();
        using (var file = Open(request)) Assert.Equal(request.Model.Path, file.Path);

        request.Model.Path = "/nowhere/else.gguf";
        using (var file = Open(request, RepositoryFiles.SampleModel)) Assert.NotEmpty(file.Tensors);
    }

    [Fact]
    public void SaysWhatDiffers()
    {
        AssertWrong(request => request.Model.Length++, "it has ");
        AssertWrong(
            request =>
            {
                var hash = request.Model.HeaderSha256.ToByteArray();
                hash[31] ^= 1;
                request.Model.HeaderSha256 = ByteString.CopyFrom(hash);
            },
            "its header (metadata or tensor table) differs");

        static void AssertWrong(Action<LoadShardRequest> spoil, string problem)
        {
            var request = SampleShard.Request();
            spoil(request);
            var e = Assert.Throws<ShardLoadException>(() => Open(request));
            Assert.Equal(ShardLoadFailure.WrongModel, e.Failure);
            Assert.StartsWith($"{request.Model.Path} is another model: {problem}", e.Message, StringComparison.Ordinal);
        }
    }

    private static GgufFile Open(LoadShardRequest request, string? ownPath = null) =>
        new ModelFileOpener(ownPath, null).Open(ShardSpecificationReader.Read(request), CancellationToken.None).File;
}
