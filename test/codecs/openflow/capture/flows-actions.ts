/** Flows in ovs-ofctl's language for the actions and instructions, those of OpenFlow and those of Nicira. */
import { type FlowGroup, group } from './flows-matches.ts'

export const actionGroups: readonly FlowGroup[] = [
  group(
    'action-output',
    '012345',
    '012345',
    `
    drop             02345   in_port=2,actions=drop
    output-many      02345   in_port=1,actions=output:2,output:3
    output-reserved  02345   actions=IN_PORT,FLOOD,ALL,NORMAL,LOCAL
    controller       02345   actions=CONTROLLER:100
    output-max-len   035     actions=output(port=2,max_len=100)
    output-reg       0235    actions=output:NXM_NX_REG1[0..15]
    output-field     035     actions=output:reg2
    enqueue          015     in_port=1,actions=enqueue:2:7
    set-queue        02345   actions=set_queue:5,output:2,pop_queue,output:3
    group            02345   actions=group:1
    meter            345     actions=meter:1,output:2
    goto             2345    actions=goto_table:5
    write-metadata   2345    actions=write_metadata:0x65/0xffff,goto_table:5
    write-actions    12345   actions=write_actions(output:2,group:1),goto_table:5
    clear-actions    12345   actions=clear_actions,write_actions(push_vlan:0x8100,set_field:4196->vlan_vid,output:2)
    all-instructions 345     actions=meter:1,output:3,clear_actions,write_actions(output:2),write_metadata:0x1,goto_table:7
    `,
  ),
  group(
    'action-set',
    '0235',
    '',
    `
    mod-dl           012345  actions=mod_dl_src:02:00:00:00:00:01,mod_dl_dst:02:00:00:00:00:02,output:2
    mod-vlan         012345  actions=mod_vlan_vid:101,mod_vlan_pcp:3,output:2
    strip-vlan       02345   dl_vlan=101,actions=strip_vlan,output:2
    push-vlan        2345    actions=push_vlan:0x8100,set_field:4197->vlan_vid,output:2
    push-qinq        35      dl_vlan=5,actions=push_vlan:0x88a8,set_field:4098->vlan_vid,output:2
    mod-nw           012345  ip,actions=mod_nw_src:10.0.0.1,mod_nw_dst:10.0.0.2,mod_nw_tos:184,output:2
    mod-nw-ecn-ttl   012345  ip,actions=mod_nw_ecn:2,mod_nw_ttl:10,output:2
    mod-tp-tcp       012345  tcp,actions=mod_tp_src:1000,mod_tp_dst:80,output:2
    mod-tp-udp       035     udp,actions=mod_tp_src:1000,mod_tp_dst:53,output:2
    dec-ttl          012345  ip,actions=dec_ttl,output:2
    dec-ttl-ids      0235    ip,actions=dec_ttl(1,2,3),output:2
    set-eth          -       actions=set_field:02:00:00:00:00:01->eth_src,set_field:02:00:00:00:00:02->eth_dst,output:2
    set-eth-masked   035     actions=set_field:02:00:00:00:00:00/ff:00:00:00:00:00->eth_dst,output:2
    set-ipv6         -       ipv6,actions=set_field:fd00::1->ipv6_src,set_field:fd00::2->ipv6_dst,set_field:0x12345->ipv6_label,output:2
    set-arp          035     arp,actions=set_field:2->arp_op,set_field:10.0.0.1->arp_spa,set_field:02:00:00:00:00:01->arp_sha,IN_PORT
    set-nd           035     icmp6,icmp_type=136,actions=set_field:fd00::1->nd_target,set_field:02:00:00:00:00:01->nd_tll,set_field:0x60000000->nd_reserved,set_field:2->nd_options_type,IN_PORT
    set-icmp6-type   035     icmp6,icmp_type=135,actions=set_field:136->icmpv6_type,IN_PORT
    set-tunnel       -       actions=set_tunnel:0x65,output:2
    set-tunnel64     035     actions=set_tunnel64:0x123456789abcdef0,output:2
    set-tun          -       actions=set_field:10.0.0.9->tun_dst,set_field:0x66->tun_id,set_field:0x1->tun_gbp_id,output:2
    set-tun-metadata 035     actions=set_field:0x1234->tun_metadata0,set_field:0x5/0xf->tun_metadata1,output:2
    set-metadata     35      actions=set_field:0x1234/0xffff->metadata,resubmit(,5)
    set-register     -       actions=set_field:0x7->reg0,set_field:0x10/0xf0->reg1,set_field:0x1234567890abcdef->xreg1,resubmit(,5)
    set-xxregister   035     actions=set_field:0x1234567890abcdef1234567890abcdef->xxreg1,resubmit(,5)
    set-pkt-mark     035     actions=set_field:0x55->pkt_mark,output:2
    set-mpls         35      mpls,actions=set_mpls_label:100,set_mpls_tc:3,set_mpls_ttl:64,output:2
    push-mpls        2345    ip,actions=push_mpls:0x8847,set_mpls_label:100,output:2
    pop-mpls         12345   mpls,actions=pop_mpls:0x0800,output:2
    mpls-ttl         0135    mpls,actions=dec_mpls_ttl,set_mpls_ttl:10,output:2
    push-pop-mpls    0       ip,actions=push_mpls:0x8848,load:0x64->OXM_OF_MPLS_LABEL[],pop_mpls:0x0800,output:2
    `,
  ),
  group(
    'action-load-move',
    '0235',
    '5',
    `
    load             -       actions=load:0x12->NXM_NX_REG0[0..7],load:0xabcd->NXM_NX_REG1[16..31],output:2
    load-eth         035     actions=load:0x20000000001->NXM_OF_ETH_SRC[],load:0x5->NXM_OF_VLAN_TCI[0..11],output:2
    move             -       actions=move:NXM_OF_ETH_SRC[]->NXM_OF_ETH_DST[],move:NXM_NX_REG0[0..15]->NXM_NX_REG1[16..31],output:2
    move-arp         035     arp,actions=move:NXM_NX_ARP_SHA[]->NXM_NX_ARP_THA[],move:NXM_OF_ARP_SPA[]->NXM_OF_ARP_TPA[],IN_PORT
    move-ipv6        035     ipv6,actions=move:NXM_NX_IPV6_SRC[]->NXM_NX_IPV6_DST[],IN_PORT
    move-tun-metadata 035    actions=move:tun_metadata0[0..15]->NXM_NX_REG3[0..15],output:2
    push-pop         0235    actions=push:NXM_NX_REG2[],push:NXM_OF_ETH_SRC[0..15],pop:NXM_NX_REG3[0..15],pop:NXM_NX_REG1[],output:2
    stack-xxreg      035     actions=push:NXM_NX_XXREG0[],pop:NXM_NX_XXREG1[],output:2
    delete-field     35      actions=delete_field:tun_metadata0,output:2
    delete-field     0       actions=delete_field:tun_metadata1,output:2
    `,
  ),
  group(
    'action-learn',
    '35',
    '05',
    `
    learn-mac        035     actions=learn(table=1,hard_timeout=60,priority=100,NXM_OF_VLAN_TCI[0..11],NXM_OF_ETH_DST[]=NXM_OF_ETH_SRC[],output:NXM_OF_IN_PORT[]),resubmit(,1)
    learn-options    -       ip,actions=learn(table=2,idle_timeout=10,hard_timeout=20,fin_idle_timeout=2,fin_hard_timeout=4,priority=7,cookie=0x1234,send_flow_rem,delete_learned,eth_type=0x800,nw_proto=6,NXM_OF_IP_SRC[]=NXM_OF_IP_DST[],load:0x1->NXM_NX_REG0[0],load:NXM_OF_IN_PORT[]->NXM_NX_REG1[0..15])
    learn-limit      -       actions=learn(table=3,limit=10,result_dst=NXM_NX_REG2[5],NXM_OF_ETH_SRC[],load:NXM_OF_ETH_SRC[]->NXM_OF_ETH_DST[])
    learn-match-load -       tcp,actions=learn(table=4,eth_type=0x800,nw_proto=6,reg1=0x5,NXM_OF_TCP_DST[]=NXM_OF_TCP_SRC[],NXM_NX_REG5[0..15]=0x1234,output:NXM_NX_REG3[0..15])
    learn-ipv6       35      ipv6,actions=learn(table=5,eth_type=0x86dd,NXM_NX_IPV6_DST[]=NXM_NX_IPV6_SRC[],ipv6_src=fd00::1,load:0x12345678->NXM_NX_REG0[],output:OXM_OF_IN_PORT[])
    learn-long       35      actions=learn(table=6,xxreg1=0x1234567890abcdef1234567890abcdef,load:0x1234567890abcdef->OXM_OF_METADATA[],NXM_OF_ETH_SRC[0..23]=NXM_OF_ETH_DST[8..31])
    `,
  ),
  group(
    'action-ct',
    '35',
    '',
    `
    ct               2345   ip,actions=ct(table=4)
    ct-commit        35     ip,actions=ct(commit,zone=5),output:2
    ct-force         -       ip,actions=ct(commit,force,zone=NXM_NX_REG1[0..15],table=3)
    ct-exec          02345   ip,actions=ct(commit,zone=1,exec(set_field:0x7->ct_mark,set_field:0x1234/0xffff->ct_label)),output:2
    ct-exec-move     -       ip,actions=ct(commit,exec(move:NXM_NX_REG0[]->NXM_NX_CT_LABEL[0..31],load:0x1->NXM_NX_CT_MARK[0])),output:2
    ct-nat           -       ip,actions=ct(table=1,zone=5,nat)
    ct-nat-src       02345   ip,actions=ct(commit,nat(src=10.0.0.240-10.0.0.254:32768-65535,persistent)),output:2
    ct-nat-dst       -       ip,actions=ct(commit,nat(dst=10.0.0.128-10.0.0.254,hash)),output:2
    ct-nat-random    -       ip,actions=ct(commit,nat(src=10.0.0.240,random)),output:2
    ct-nat-bare      -       ip,actions=ct(commit,nat(src)),ct(commit,zone=2,nat(dst)),output:2
    ct-nat-ipv6      -       ipv6,actions=ct(commit,nat(src=[fd00::1]-[fd00::ff]:255-4096,random)),output:2
    ct-nat-ipv6-one  35      ipv6,actions=ct(commit,nat(dst=fd00::7)),output:2
    ct-alg           -       tcp,actions=ct(commit,alg=ftp),output:2
    ct-alg-tftp      35      udp,actions=ct(commit,alg=tftp,table=2),output:2
    ct-clear         235    ip,actions=ct_clear,output:2
    `,
  ),
  group(
    'action-nicira',
    '35',
    '0',
    `
    resubmit         0235    in_port=1,actions=resubmit:2
    resubmit-table   012345  actions=resubmit(,5),resubmit(2,6)
    resubmit-ct      -       ip,ct_state=+trk+est,actions=resubmit(,7,ct)
    multipath        35     actions=multipath(symmetric_l3l4,50,modulo_n,1,0,NXM_NX_REG2[])
    multipath-hrw    -       ip,actions=multipath(eth_src,7,hrw,12,0,NXM_NX_REG1[5..10]),multipath(nw_src,1,iter_hash,4,0,NXM_NX_REG1[0..1])
    bundle           35     actions=bundle(eth_src,0,active_backup,ofport,members:1,2)
    bundle-hrw       -       actions=bundle(symmetric_l4,60,hrw,ofport,members:1,2,3)
    bundle-load      -       actions=bundle_load(eth_src,0,hrw,ofport,NXM_NX_REG0[],members:1,2)
    bundle-empty     35      actions=bundle(eth_src,0,active_backup,ofport,members:)
    conjunction      02345   nw_src=10.0.0.1,ip,actions=conjunction(12,1/2),conjunction(13,2/3)
    note             035     actions=note:41.42.43,note:00.01.02.03.04.05.06.07,output:2
    note-empty       -       actions=note,output:2
    exit             035     actions=output:2,exit,output:3
    fin-timeout      0235    tcp,idle_timeout=60,actions=fin_timeout(idle_timeout=5,hard_timeout=15),output:2
    sample           235    actions=sample(probability=12345,collector_set_id=23456,obs_domain_id=34567,obs_point_id=45678)
    sample-3-egress         235    actions=sample(probability=12345,collector_set_id=23456,obs_domain_id=34567,obs_point_id=45678,sampling_port=2,egress)
    sample-3-ingress -       actions=sample(probability=1,collector_set_id=1,obs_domain_id=1,obs_point_id=1,ingress)
    sample-2 -       actions=sample(probability=65535,collector_set_id=1,obs_domain_id=1,obs_point_id=1,sampling_port=3)
    clone            235    actions=clone(set_field:10.0.0.9->tun_dst,output:2),output:3
    clone-nested     35      actions=clone(clone(push_vlan:0x8100,output:2),group:1),output:3
    check-pkt-larger -       actions=check_pkt_larger(1500)->NXM_NX_REG0[0],output:2
    controller-id    35     actions=controller(reason=invalid_ttl,max_len=128,id=5)
    controller-userdata 0235 actions=controller(reason=action,id=3,userdata=01.02.03.04.05)
    controller-pause -       actions=controller(pause,userdata=aa.bb),output:2
    controller-meter 35      actions=controller(reason=no_match,meter_id=9)
    encap-nsh        345     actions=encap(nsh(md_type=1)),set_field:0x123456->nsh_spi,set_field:255->nsh_si,encap(ethernet),output:2
    encap-nsh-tlv    35      actions=encap(nsh(md_type=2,tlv(0x1000,10,0x12345678),tlv(0x2000,20,0xfedcba9876543210))),output:2
    encap-mpls       35      actions=encap(mpls),set_mpls_label:100,encap(ethernet),output:2
    encap-mpls-mc    35      ip,actions=encap(mpls_mc),output:2
    decap-ethernet   345     actions=decap(),output:2
    decap-nsh        35      dl_type=0x894f,actions=decap(packet_type(ns=0,type=0)),output:2
    decap-type       35      mpls,actions=decap(packet_type(ns=1,type=0x800)),output:2
    dec-nsh-ttl      35      dl_type=0x894f,actions=dec_nsh_ttl,output:2
    delete-tunnel    -       actions=set_tunnel:1,set_tunnel:0x100000000,output:2
    `,
  ),
]
