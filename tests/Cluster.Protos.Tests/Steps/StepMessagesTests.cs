using System.Buffers;
using Cluster.Protos.Steps;
using Cluster.Protos.V1;
using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace Cluster.Protos.Tests.Steps;

public sealed class StepMessagesTests
{
    [Fact]
    public void ResetEmptiesEveryField()
    {
        var request = new StepRequest();
        var result = new StepResult();
        Populate(request);
        Populate(result);
        Assert.NotEqual(new StepRequest(), request);
        Assert.NotEqual(new StepResult(), result);

        StepMessages.Reset(request);
        StepMessages.Reset(result);

        Assert.Equal(new StepRequest(), request);
        Assert.Equal(new StepResult(), result);
    }

    [Fact]
    public void AReusedRequestIsParsedWithoutAllocating()
    {
        var request = new StepRequest();
        Populate(request);
        var bytes = Segments.Of(request.ToByteArray(), 64);
        var reused = new StepRequest();
        Assert.Equal(0, AllocatedBy(() =>
        {
            StepMessages.Reset(reused);
            reused.MergeFrom(bytes);
        }));
        Assert.Equal(request, reused);
    }

    [Fact]
    public void AReusedResultIsWrittenWithoutAllocating()
    {
        var source = new StepResult();
        Populate(source);
        source.Error = "";
        var result = new StepResult();
        var output = new ArrayBufferWriter<byte>(16_384);
        Assert.Equal(0, AllocatedBy(() =>
        {
            StepMessages.Reset(result);
            for (var i = 0; i < source.CandidateIds.Count; i++)
            {
                result.CandidateIds.Add(source.CandidateIds[i]);
                result.CandidateLogits.Add(source.CandidateLogits[i]);
            }

            result.StepId = source.StepId;
            output.ResetWrittenCount();
            result.WriteTo(output);
        }));
        Assert.Equal(result, StepResult.Parser.ParseFrom(output.WrittenSpan));
        Assert.NotEmpty(result.CandidateIds);
    }

    private static long AllocatedBy(Action action)
    {
        for (var i = 0; i < 3; i++) action();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 10; i++) action();
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    /// <summary>Gives every field, also ones that are added later, a value other than its default.</summary>
    private static void Populate(IMessage message)
    {
        var random = new Random(5);
        foreach (var field in message.Descriptor.Fields.InDeclarationOrder())
        {
            if (field.IsRepeated)
            {
                var list = (System.Collections.IList)field.Accessor.GetValue(message);
                for (var i = 0; i < 200; i++) list.Add(Value(field, random));
            }
            else
            {
                field.Accessor.SetValue(message, Value(field, random));
            }
        }
    }

    private static IMessage Populated(IMessage message)
    {
        Populate(message);
        return message;
    }

    private static object Value(FieldDescriptor field, Random random) => field.FieldType switch
    {
        FieldType.Int32 => random.Next(1, 100_000),
        FieldType.UInt64 or FieldType.Fixed64 => (ulong)random.NextInt64(1, long.MaxValue),
        FieldType.Float => random.NextSingle() + 0.5f,
        FieldType.Double => random.NextDouble() + 0.5,
        FieldType.Bool => true,
        FieldType.String => "problem",
        FieldType.UInt32 => (uint)random.Next(1, 100_000),
        FieldType.Enum => Enum.ToObject(field.EnumType.ClrType, 1),
        FieldType.Message => Populated((IMessage)Activator.CreateInstance(field.MessageType.ClrType)!),
        _ => throw new InvalidOperationException($"{field.FullName}: {field.FieldType}"),
    };
}
