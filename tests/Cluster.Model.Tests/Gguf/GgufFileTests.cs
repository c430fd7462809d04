using Cluster.Model.Formats;
using Cluster.Model.Gguf;

namespace Cluster.Model.Tests.Gguf;

public sealed class GgufFileTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void Opens_the_sample_model()
    {
        using GgufFile file = GgufFile.Open(RepositoryFiles.SampleModel);

        Assert.Equal((3u, 32, 74), (file.Version, file.Alignment, file.Tensors.Count));
        Assert.Equal(new FileInfo(RepositoryFiles.SampleModel).Length, file.Length);
        Assert.Equal("Storyteller 29M", file.Metadata.GetString("general.name"));
        Assert.True(file.Metadata.TryGetStringArray("tokenizer.ggml.merges", out IReadOnlyList<string>? merges));
        Assert.Equal((7933, "Ġ t", "Ġ s"), (merges.Count, merges[0], merges[4]));
        GgufTensor embedding = file.GetTensor("token_embd.weight");
        Assert.Equal((TensorType.Q6_K, 512L, 8192L, 420L), (embedding.Type, embedding.Columns, embedding.Rows, embedding.RowBytes));
    }

    [Fact]
    public unsafe void Map_pointer_and_read_give_the_same_bytes()
    {
        using GgufFile file = GgufFile.Open(RepositoryFiles.SampleModel);
        GgufTensor tensor = file.GetTensor("blk.3.ffn_down.weight");
        int offset = (int)tensor.RowBytes * 5 + 3;
        var read = new byte[1000];

        file.Read(tensor, offset, read);

        Assert.Equal(File.ReadAllBytes(RepositoryFiles.SampleModel).AsSpan((int)tensor.Offset + offset, 1000).ToArray(), read);
        Assert.Equal(read, file.Map(tensor, offset, 1000).ToArray());
        Assert.Equal(read, new ReadOnlySpan<byte>(file.Pointer(tensor) + offset, 1000).ToArray());
    }

    [Fact]
    public void Ranges_outside_of_the_tensor_are_refused()
    {
        using GgufFile file = GgufFile.Open(RepositoryFiles.SampleModel);
        GgufTensor tensor = file.GetTensor("output_norm.weight");

        Assert.Throws<ArgumentOutOfRangeException>(() => file.Map(tensor, 0, 2049).Length);
        Assert.Throws<ArgumentOutOfRangeException>(() => file.Map(tensor, -1, 1).Length);
        Assert.Throws<ArgumentOutOfRangeException>(() => file.Map(tensor, 1, -1).Length);
        Assert.Throws<ArgumentOutOfRangeException>(() => file.Read(tensor, 2048, new byte[1]));
        Assert.Throws<ArgumentOutOfRangeException>(() => file.Map(tensor with { Offset = file.Length }, 0, 1).Length);
    }

    [Fact]
    public void A_closed_file_keeps_its_metadata_and_refuses_its_data()
    {
        GgufFile file = GgufFile.Open(RepositoryFiles.SampleModel);
        GgufTensor tensor = file.GetTensor("output_norm.weight");
        file.Dispose();
        file.Dispose();

        Assert.Equal("gpt2", file.Metadata.GetString("tokenizer.ggml.model"));
        Assert.Throws<ObjectDisposedException>(() => file.Map(tensor, 0, 4).Length);
        Assert.Throws<ObjectDisposedException>(() => file.Read(tensor, 0, new byte[4]));
    }

    [Fact]
    public void A_missing_tensor_is_named()
    {
        using GgufFile file = GgufFile.Open(RepositoryFiles.SampleModel);

        var error = Assert.Throws<GgufFormatException>(() => file.GetTensor("blk.9.attn_q.weight"));

        Assert.Equal($"{RepositoryFiles.SampleModel}: tensor is missing (tensor 'blk.9.attn_q.weight')", error.Message);
        Assert.False(file.TryGetTensor("blk.9.attn_q.weight", out _));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(23)]
    public void A_file_too_short_for_a_header_is_refused(int length)
    {
        string path = _directory.File("short.gguf");
        File.WriteAllBytes(path, new byte[length]);

        var error = Assert.Throws<GgufFormatException>(() => GgufFile.Open(path));

        Assert.Equal($"{path}: not a GGUF file: {length} bytes are too few for a header (at offset 0)", error.Message);
        File.Delete(path); // the handle is closed
    }

    [Fact]
    public void A_missing_file_or_a_directory_is_an_io_error()
    {
        Assert.Throws<FileNotFoundException>(() => GgufFile.Open(_directory.File("absent.gguf")));
        Assert.ThrowsAny<SystemException>(() => GgufFile.Open(_directory.Path));
    }

    [Fact]
    public void Tensors_beyond_4_GiB_are_reached()
    {
        const long Far = 5L << 30;
        string path = _directory.File("large.gguf");
        byte[] header = new RawGguf(2).Tensor("near", (uint)TensorType.F32, 0, Far / 4).Tensor("far", (uint)TensorType.F32, Far, 2).Data(0).ToArray();
        using (FileStream stream = File.Create(path)) // sparse: takes no room
        {
            stream.Write(header);
            stream.Position = header.Length + Far;
            stream.Write([1, 2, 3, 4, 5, 6, 7, 8]);
        }
        using GgufFile file = GgufFile.Open(path);
        var read = new byte[4];

        file.Read(file.GetTensor("far"), 4, read);

        Assert.Equal([5, 6, 7, 8], read);
        Assert.Equal([3, 4, 5], file.Map(file.GetTensor("far"), 2, 3).ToArray());
        Assert.Equal([0, 0], file.Map(file.GetTensor("near"), Far - 2, 2).ToArray());
    }
}
