namespace Cluster.Model.Architecture;

/// <summary>Whether models of an architecture have a tensor.</summary>
public enum TensorPresence
{
    Absent,
    Optional,
    Required,
}
